import { formatBytes, formatSeconds } from '../../cli/amounts.js';
import { escapeLine } from '../../cli/escape.js';
import { type Column, renderTable } from '../../cli/table.js';
import type { ImageListing } from '../client.js';
import { type ImageNode, imageForest } from './imageTree.js';
import { imageTotals, renderTotals, rungOf, whyKept } from './renderImages.js';

export interface TreeOptions {
  /** Draw with the characters for boxes; otherwise with ASCII. */
  readonly boxes: boolean;
  /** What is said of a parent that is not among the images: `gone`, or, of a part of the images, `not listed`. */
  readonly missing: 'gone' | 'not listed';
}

/** One tree for every plant, by what the images were made from, and what they take on disk. */
export function renderImageTrees(
  { images, quarantined }: Pick<ImageListing, 'images' | 'quarantined'>,
  options: TreeOptions,
): string {
  const plants = [...new Set([...images, ...quarantined].map(({ plant }) => plant))].sort();
  return plants
    .map((plant) => {
      const own = images.filter((image) => image.plant === plant);
      const rows = [
        ...rowsOf(imageForest(own), options),
        ...quarantined.filter((image) => image.plant === plant).map(quarantinedRow),
      ];
      return `${escapeLine(plant)}: ${renderTotals(imageTotals(own))}\n${renderTable(COLUMNS, rows)}`;
    })
    .join('\n');
}

interface Row {
  readonly tree: string;
  readonly rung: string;
  readonly added: string;
  readonly unique: string;
  readonly uses: string;
  readonly saved: string;
  readonly kept: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { heading: 'IMAGE', cell: ({ tree }) => tree },
  { heading: 'RUNG', cell: ({ rung }) => rung },
  { heading: 'UNIQUE', cell: ({ unique }) => unique, align: 'right' },
  { heading: 'USES', cell: ({ uses }) => uses, align: 'right' },
  { heading: 'SAVED', cell: ({ saved }) => saved, align: 'right' },
  { heading: 'ADDS', cell: ({ added }) => added },
  { heading: 'KEPT', cell: ({ kept }) => kept },
];

const BOXES = { child: '├── ', last: '└── ', through: '│   ', past: '    ' } as const;
const ASCII = { child: '|-- ', last: '`-- ', through: '|   ', past: '    ' } as const;

function rowsOf(forest: readonly ImageNode[], options: TreeOptions): readonly Row[] {
  const drawing = options.boxes ? BOXES : ASCII;
  const rows: Row[] = [];
  const below = (children: readonly ImageNode[], indent: string): void => {
    children.forEach((node, index) => {
      const isLast = index === children.length - 1;
      rows.push(rowOf(node, indent + (isLast ? drawing.last : drawing.child), options.missing));
      below(node.children, indent + (isLast ? drawing.past : drawing.through));
    });
  };
  for (const root of forest) {
    rows.push(rowOf(root, '', options.missing));
    below(root.children, '');
  }
  return rows;
}

function rowOf({ name, image, added }: ImageNode, drawn: string, missing: string): Row {
  if (image === undefined) return { ...EMPTY, tree: `${drawn}(${missing}) ${name}` };
  return {
    tree: drawn + name,
    rung: rungOf(image),
    added: added.join(','),
    unique: formatBytes(image.uniqueBytes),
    uses: String(image.uses),
    saved: formatSeconds(image.savedSeconds),
    kept: whyKept(image),
  };
}

const EMPTY: Row = { tree: '', rung: '', added: '', unique: '', uses: '', saved: '', kept: '' };

function quarantinedRow({ name, problem }: { readonly name: string; readonly problem: string }): Row {
  return { ...EMPTY, tree: name, kept: `in quarantine: ${problem}` };
}
