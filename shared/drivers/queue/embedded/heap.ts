/** A binary heap: the entry that is due first is on top. Entries of the same time have no order. */
export class DueHeap<T extends { readonly due: number }> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent];
      if (!above || above.due <= item.due) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = items[child];
      const right = items[child + 1];
      if (!left) break;
      let least = left;
      if (right && right.due < left.due) {
        least = right;
        child += 1;
      }
      if (last.due <= least.due) break;
      items[at] = least;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
