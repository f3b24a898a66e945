import assert from 'node:assert';

/** What of ours answers a number of the paper; `none`: nothing here can, since it was measured in a production cloud. */
export type Experiment =
  | 'model'
  | 'table-4'
  | 'figure-10a'
  | 'figure-10b'
  | 'figure-10c'
  | 'latency'
  | 'power'
  | 'failover'
  | 'bulk-synchronisation'
  | 'spillover'
  | 'packing'
  | 'cost'
  | 'none';

/** How the paper puts a number: "2.36us", "roughly 90M", "over 50M", "less than 40us", "up to 3M", "5x to 10x". */
export type Bound = 'exactly' | 'about' | 'above' | 'below' | 'up to' | 'between';

export interface Stated {
  bound: Bound;
  value: number;
  /** Upper end, with `between` only. */
  high?: number;
}

/** A number that the paper states in text or in a table. */
export interface PaperNumber {
  /** Stable name, `kebab-case`. */
  id: string;
  quantity: string;
  stated: Stated;
  /** Base unit: `pps`, `cps`, `bps`, `B`, `ns`, `s`, `W`, `Hz`, `fraction` (a share of one), `x` (a ratio) or what is counted. */
  unit: string;
  /** `section 6.2`, `Table 6`, `footnote 10`. */
  where: string;
  /** Its words, few and verbatim; a cell of a table as it is printed. */
  quote: string;
  experiment: Experiment;
  /** Where the paper contradicts itself, or what has to be known to compare. */
  note?: string;
}

export const exactly = (value: number): Stated => ({ bound: 'exactly', value });
export const about = (value: number): Stated => ({ bound: 'about', value });
export const above = (value: number): Stated => ({ bound: 'above', value });
export const below = (value: number): Stated => ({ bound: 'below', value });
export const upTo = (value: number): Stated => ({ bound: 'up to', value });
export const between = (value: number, high: number): Stated => ({ bound: 'between', value, high });

/** A table of the paper as numbers: one per row and column, named `prefix-row-column`. */
export function tableNumbers({ prefix, where, experiment, columns, rows }: PaperTable): PaperNumber[] {
  return rows.flatMap((row) =>
    row.cells.flatMap((cell, index): PaperNumber[] => {
      const column = columns[index];
      assert(column !== undefined, `${where}: every cell stands in a column`);
      if (cell === null) return [];
      const { unit = '', scale = 1 } = { ...column, ...row };
      return [
        {
          id: `${prefix}-${row.key}-${column.key}`,
          quantity: `${row.name}, ${column.name}`,
          stated: exactly(inBaseUnit(cell.value, scale)),
          unit,
          where,
          quote: cell.printed,
          experiment: cell.experiment ?? experiment,
        },
      ];
    }),
  );
}

/** A cell that is printed as a number, perhaps with its unit behind; `experiment` where it differs from the table's. */
export function cell(printed: string, experiment?: Experiment): Cell {
  return { printed, value: Number.parseFloat(printed), ...(experiment === undefined ? {} : { experiment }) };
}

interface Cell {
  printed: string;
  value: number;
  experiment?: Experiment;
}

/** A row or a column. The unit stands at one of them; `scale` turns what is printed into it. */
interface Heading {
  key: string;
  name: string;
  unit?: string;
  scale?: number;
}

interface PaperTable {
  prefix: string;
  where: string;
  experiment: Experiment;
  columns: Heading[];
  /** `null` is a cell that holds no number. */
  rows: (Heading & { cells: (Cell | null)[] })[];
}

/** 0.4 x 1e12 is 400000000000, not its neighbour in binary. */
function inBaseUnit(value: number, scale: number): number {
  return Number((value * scale).toPrecision(12));
}
