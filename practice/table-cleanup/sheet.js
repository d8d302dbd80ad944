// The sheet's model: rows, a cursor and a history. Pure, so that the same code that runs under the keys also plans the shortest way.
export class Sheet {
  constructor(rows, columns) {
    this.rows = rows;
    this.columns = columns;
    this.at = { row: 0, column: 0 };
    this.past = [];
    this.future = [];
    this.saved = true;
  }

  copy() {
    const other = new Sheet(this.rows.map((row) => ({ ...row })), this.columns);
    other.at = { ...this.at };
    other.past = structuredClone(this.past);
    return other;
  }

  remember() {
    this.past.push(structuredClone({ rows: this.rows, at: this.at }));
    this.future = [];
    this.saved = false;
  }

  go(row, column) {
    this.at = { row: Math.min(this.rows.length - 1, Math.max(0, row)), column: Math.min(this.columns.length - 1, Math.max(0, column)) };
  }

  // Key names as the browser gives them, with "ctrl+" in front; true if the key means something here.
  press(key) {
    const { row, column } = this.at;
    const last = this.columns.length - 1;
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: [row, 0], End: [row, last], PageUp: [row - 8, column], PageDown: [row + 8, column],
      "ctrl+Home": [0, 0], "ctrl+End": [this.rows.length - 1, last], "ctrl+ArrowUp": [0, column], "ctrl+ArrowDown": [this.rows.length - 1, column],
    };
    if (moves[key]) this.go(...moves[key]);
    else if (key === "ctrl+d") this.deleteRow();
    else if (key === "ctrl+z") this.step(this.past, this.future);
    else if (key === "ctrl+y") this.step(this.future, this.past);
    else return false;
    return true;
  }

  deleteRow() {
    if (this.rows.length <= 1) return;
    this.remember();
    this.rows.splice(this.at.row, 1);
    this.go(this.at.row, this.at.column);
  }

  set(value) {
    const key = this.columns[this.at.column].key;
    if (this.rows[this.at.row][key] === value) return;
    this.remember();
    this.rows[this.at.row] = { ...this.rows[this.at.row], [key]: value };
  }

  step(from, to) {
    if (from.length === 0) return;
    to.push(structuredClone({ rows: this.rows, at: this.at }));
    ({ rows: this.rows, at: this.at } = from.pop());
    this.saved = false;
  }

  // Keys from the cursor to a cell: Home and End where they save strokes.
  route(row, column) {
    const keys = [];
    let from = this.at.column;
    const last = this.columns.length - 1;
    if (column === 0 && from > 1) { keys.push("Home"); from = 0; }
    if (column === last && last - from > 1) { keys.push("End"); from = last; }
    const down = row - this.at.row;
    keys.push(...Array(Math.abs(down)).fill(down > 0 ? "ArrowDown" : "ArrowUp"));
    const right = column - from;
    keys.push(...Array(Math.abs(right)).fill(right > 0 ? "ArrowRight" : "ArrowLeft"));
    return keys;
  }
}
