// Which entries of the grid are chosen: a set, where it begins (the anchor) and where the keys are (the place).

export class Selection {
  constructor() {
    this.clear();
  }

  clear() {
    this.chosen = new Set();
    this.place = 0;
    this.anchor = 0;
  }

  has(entry) {
    return this.chosen.has(entry);
  }

  /** The arrows: the place moves, nothing is chosen. */
  move(place) {
    this.place = this.anchor = place;
    this.chosen.clear();
  }

  /** With Shift: all from the anchor to here. */
  extend(place, entries) {
    this.place = place;
    const [from, to] = [Math.min(this.anchor, place), Math.max(this.anchor, place)];
    this.chosen = new Set(entries.subarray(from, to + 1));
  }

  toggle(place, entry) {
    this.place = this.anchor = place;
    if (!this.chosen.delete(entry)) this.chosen.add(entry);
  }

  all(entries) {
    this.chosen = new Set(entries);
  }

  /** What a key is about: the chosen, or else where the keys are. */
  entries(all) {
    return this.chosen.size ? [...this.chosen] : all.length ? [all[this.place]] : [];
  }
}
