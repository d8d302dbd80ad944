// Numbers from a seed (sfc32, Chris Doty-Humphrey, public domain algorithm; state filled by FNV-1a). Same seed, same page, in every browser.
function fnv(text, salt) {
  let hash = (0x811c9dc5 ^ salt) >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

export class Draw {
  constructor(text) {
    this.state = [fnv(text, 0), fnv(text, 0x9e3779b9), fnv(text, 0x85ebca6b), 1];
    for (let i = 0; i < 16; i++) this.next();
  }

  next() {
    let [a, b, c, d] = this.state;
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    this.state = [a, b, c, d];
    return sum >>> 0;
  }

  unit() { return this.next() / 0x100000000; }
  below(count) { return Math.floor(this.unit() * count); }
  between(low, high) { return low + this.below(high - low + 1); }
  chance(probability) { return this.unit() < probability; }
  pick(items) { return items[this.below(items.length)]; }

  shuffle(items) {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [result[i], result[other]] = [result[other], result[i]];
    }
    return result;
  }

  some(items, count) { return this.shuffle(items).slice(0, count); }
}
