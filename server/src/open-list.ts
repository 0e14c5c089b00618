/**
 * What is open at the moment, in the order of its opening: for what comes and goes with every request. A Map or Set would be
 * shorter, but each time that it grows or shrinks V8 leaves its old table behind with a reference to the new one. Once one of these
 * tables is old enough for the old space, no collection of new objects frees those after it, nor anything that was ever in them: all
 * of a request outlives its end, is copied twice, and waits for a full collection.
 */
export class OpenList<Value> {
  first: Place<Value> | null = null;
  last: Place<Value> | null = null;
  size = 0;

  /** Adds a value at the end; its place is what removes it. */
  add(value: Value): Place<Value> {
    return new Place(value, this);
  }

  /** The places as they are now: what is added or removed later does not change this. */
  places(): Place<Value>[] {
    const places: Place<Value>[] = [];
    for (let place = this.first; place !== null; place = place.next) places.push(place);
    return places;
  }
}

/** A value's place in an `OpenList`. */
export class Place<Value> {
  readonly value: Value;
  #list: OpenList<Value> | null;
  #previous: Place<Value> | null;
  #next: Place<Value> | null = null;

  constructor(value: Value, list: OpenList<Value>) {
    this.value = value;
    this.#list = list;
    this.#previous = list.last;
    if (list.last === null) list.first = this;
    else list.last.#next = this;
    list.last = this;
    list.size += 1;
  }

  get next(): Place<Value> | null {
    return this.#next;
  }

  /** False once it is removed. */
  get isOpen(): boolean {
    return this.#list !== null;
  }

  /** Takes the value out of the list, where it still is in it. */
  remove(): void {
    const list = this.#list;
    if (list === null) return;
    if (this.#previous === null) list.first = this.#next;
    else this.#previous.#next = this.#next;
    if (this.#next === null) list.last = this.#previous;
    else this.#next.#previous = this.#previous;
    list.size -= 1;
    // What holds a place that was removed must not hold its neighbours.
    this.#list = this.#previous = this.#next = null;
  }
}
