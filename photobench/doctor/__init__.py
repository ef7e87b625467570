"""What limits a training here: measured with the training's own loader and step, and said in a sentence."""
