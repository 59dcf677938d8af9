/** Looking into answers, whose shape is what a test is about. */

/** What stands at a path of names and positions, as in `error.data.reason`; undefined where nothing does. */
export const at = (value: unknown, path: string): unknown => {
  let found = value
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined
    found = Object.entries(found).find(([key]) => key === name)?.[1]
  }
  return found
}

export const textAt = (value: unknown, path: string): string => {
  const found = at(value, path)
  if (typeof found !== 'string') throw new Error(`there is no text at ${path}`)
  return found
}

export const listAt = (value: unknown, path?: string): readonly unknown[] => {
  const found = path === undefined ? value : at(value, path)
  if (!Array.isArray(found)) throw new Error(`there is no list at ${path ?? 'the top'}`)
  return found
}
