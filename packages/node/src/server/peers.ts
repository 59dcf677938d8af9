/** Other operators, as one that agrees with them in rounds reaches them: over the interface that everybody uses. */
import { faultFrom, isFault, type SignerKey } from 'tallystick/base'
import { agreedSteps, memberMessage } from 'tallystick/models'
import { CONTENT_TYPE } from './http/answer.ts'
import type { PeerOperator } from './shared.ts'

export type PeerAddress = {
  /** As policies call it. */
  readonly name: string
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string
  /** What its checkpoints are signed with; without it the operator is spoken to and not audited. */
  readonly key?: SignerKey
}

const PEER_MS = 5000
const ANSWER_BYTES_MAX = 4_194_304

/** One that does not answer in time, or nonsense, has said nothing. */
export const createPeerOperator = ({ name, url, token }: PeerAddress): PeerOperator => ({
  name,
  tell: async (message) => {
    const bytes = await ask(`${url}/v1/casts`, token, memberMessage.encode(message))
    return bytes && bytes.length > 0 ? read(() => memberMessage.decode(bytes)) : undefined
  },
  stepsFrom: async (machine, from) => {
    const bytes = await ask(`${url}/v1/machines/${machine}/agreed?from=${from}`, token)
    return (bytes && read(() => agreedSteps.decode(bytes))) ?? []
  },
})

const read = <T>(decode: () => T): T | undefined => {
  const value = faultFrom(decode)
  return isFault(value) ? undefined : value
}

const ask = async (
  address: string,
  token: string,
  body?: Uint8Array,
): Promise<Uint8Array | undefined> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': CONTENT_TYPE }
  const signal = AbortSignal.timeout(PEER_MS)
  const answer = await fetch(address, {
    headers,
    signal,
    redirect: 'error',
    ...(body ? { method: 'POST', body: body.slice() } : {}),
  })
  if (!answer.ok || !answer.body) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body) {
    const chunk: unknown = part
    if (!(chunk instanceof Uint8Array)) return undefined
    size += chunk.length
    if (size > ANSWER_BYTES_MAX) return undefined
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
