/** What in SQL may hold a semicolon that ends nothing. */
const opaque =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$[A-Za-z_]*\$)[\s\S]*?\1|;|[^'"$;/-]+|[\s\S]/g

/** A text cut into its statements, without their semicolons; `rest` is what is not ended yet. */
export function statements(text: string): { whole: string[]; rest: string } {
  const whole: string[] = []
  let rest = ''
  for (const [part] of text.matchAll(opaque)) {
    if (part !== ';') rest += part
    else {
      if (rest.trim() !== '') whole.push(rest.trim())
      rest = ''
    }
  }
  return { whole, rest }
}
