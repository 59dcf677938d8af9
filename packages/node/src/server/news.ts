/**
 * News within the process: that something about a machine or an inbox has changed. It says what to look at and nothing else;
 * whoever hears it reads the store. What other processes change is heard when somebody looks.
 */
export type News = {
  readonly tell: (topic: string) => void
  /** Calls back for each piece of news about the topic until the returned function is called. */
  readonly hear: (topic: string, hearer: () => void) => () => void
  readonly hearers: () => number
}

export const createNews = (): News => {
  const hearers = new Map<string, Set<() => void>>()
  return {
    tell: (topic) => {
      for (const hearer of hearers.get(topic) ?? []) hearer()
    },
    hear: (topic, hearer) => {
      const known = hearers.get(topic) ?? new Set()
      known.add(hearer)
      hearers.set(topic, known)
      return () => {
        known.delete(hearer)
        if (known.size === 0 && hearers.get(topic) === known) hearers.delete(topic)
      }
    },
    hearers: () => [...hearers.values()].reduce((sum, one) => sum + one.size, 0),
  }
}
