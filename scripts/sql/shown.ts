export interface Answer {
  columns: string[]
  rows: readonly (readonly unknown[])[]
  /** How many rows it changed, where it gave none. */
  changed: number | undefined
}

/** As wide as a person reads; a payload or an HTML body goes on for pages. */
const widest = 60

/** An answer as a table of text. */
export function shown({ columns, rows, changed }: Answer): string {
  if (columns.length === 0) return changed === undefined ? 'done' : counted(changed, 'changed')
  const cells = rows.map((row) => row.map(cell))
  const widths = columns.map((name, index) =>
    Math.max(name.length, ...cells.map((row) => row[index]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [line(columns), rule, ...cells.map(line), `(${counted(rows.length, '')})`].join('\n')
}

function counted(rows: number, what: string): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'} ${what}`.trimEnd()
}

/** Text from strangers cannot steer the terminal. */
function cell(value: unknown): string {
  const text =
    value instanceof Date
      ? value.toISOString()
      : typeof value === 'string'
        ? value
        : value === null || value === undefined
          ? ''
          : JSON.stringify(value)
  const plain = text.replace(/\p{Cc}+/gu, ' ')
  return plain.length > widest ? `${plain.slice(0, widest - 1)}…` : plain
}
