/** What `tally dev` tells the processes that it starts: texts by their names, as JSON. */
export const toldFrom = (text: string | undefined): ((name: string) => string) => {
  const json: unknown = JSON.parse(text ?? '')
  return (name) => {
    const found: unknown =
      typeof json === 'object' && json !== null
        ? Object.getOwnPropertyDescriptor(json, name)?.value
        : undefined
    if (typeof found === 'string') return found
    throw new Error(`a process of tally dev is told its ${name}`)
  }
}
