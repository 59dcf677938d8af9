/** Messages of POLO put together by hand, element by element, right or wrong: independent of the writer that is tested. */

const varint = (value: number): string => {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest]).toString('hex')
}

const container = (kind: string, elements: readonly string[]): string => {
  let head = ''
  let body = ''
  for (const element of elements) {
    head += varint((body.length / 2) * 16 + Number.parseInt(element.slice(0, 2), 16))
    body += element.slice(2)
  }
  return kind + varint((head.length / 2) * 16 + 15) + head + body
}

/** A pack of elements, each written as a message. */
export const pack = (...elements: readonly string[]): string => container('0e', elements)

export const word = (text: string): string => `06${Buffer.from(text).toString('hex')}`

/** A document of names and messages, in the order given. */
export const doc = (...entries: readonly (readonly [string, string])[]): string =>
  container(
    '0d',
    entries.flatMap(([name, message]) => [word(name), `05${message}`]),
  )

/** A document of elements as they are. */
export const rawDoc = (...elements: readonly string[]): string => container('0d', elements)
