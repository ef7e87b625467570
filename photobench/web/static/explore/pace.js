// How many of the points are drawn while they are moved: all of them where the machine keeps up, else as many as leave 30 pictures a second.
const TOGETHER = 4; // frames that are judged by their mean: single ones are early or late for other reasons
const SLOW_MS = 33.8, AIM_MS = 27, QUICK_MS = 22; // a browser that saves power shows a picture every 33.3 ms, however little is drawn
const LEAST = 0.03, FASTEST_FALL = 0.5, RISE = 1.15, MOST_MS = 200; // what took longer was another thing, such as a tab that nobody looked at

/** `share` of the points for the next frame; `took(ms)` tells how long one was on its way. */
export function pace() {
  const self = { share: 1 };
  let sum = 0, frames = 0;
  self.took = ms => {
    sum += Math.min(ms, MOST_MS);
    if (++frames < TOGETHER) return;
    const mean = sum / frames;
    sum = frames = 0;
    if (mean > SLOW_MS) self.share = Math.max(LEAST, self.share * Math.max(FASTEST_FALL, AIM_MS / mean));
    else if (mean < QUICK_MS) self.share = Math.min(1, self.share * RISE);
  };
  return self;
}
