"""Where in a photo the thing is that matters, found once: detectors, what to do where nothing or several are found, and the cut."""
