/** Certificates of a guardian, each over entries that follow each other, and how far they go. */
import { u64 } from 'tallystick/base'
import type { Store } from '../../store/store.ts'
import { CERTIFICATES, certificateRow, indexFromKey, indexKey, MARK } from './rows.ts'

export type Certificates = {
  readonly keepCertificate: (first: bigint, last: bigint, certificate: Uint8Array) => Promise<void>
  /** The certificate that covers an entry, and the entries that it covers. */
  readonly certificateOf: (index: bigint) => Promise<Certified | undefined>
  /** How many entries, from the first on, certificates cover. */
  readonly certified: () => Promise<bigint>
}

export type Certified = {
  readonly first: bigint
  readonly last: bigint
  readonly certificate: Uint8Array
}

export const certificatesIn = (store: Store): Certificates => {
  const at = async (index: bigint): Promise<Certified | undefined> => {
    const after = index === 0n ? undefined : indexKey(index - 1n)
    const [found] = await store.scan(CERTIFICATES, after, 1)
    if (!found) return undefined
    const { first, certificate } = certificateRow.decode(found.value)
    return first <= index ? { first, last: indexFromKey(found.key), certificate } : undefined
  }
  return {
    keepCertificate: async (first, last, certificate) => {
      const value = certificateRow.encode({ first, certificate })
      await store.commit({
        appends: [],
        puts: [
          { space: CERTIFICATES, key: indexKey(last), value },
          { space: MARK, key: CERTIFIED_KEY, value: u64.encode(last + 1n) },
        ],
      })
    },
    certificateOf: at,
    certified: async () => {
      const found = await store.get(MARK, CERTIFIED_KEY)
      return found ? u64.decode(found.value) : 0n
    },
  }
}

const CERTIFIED_KEY: Uint8Array = Buffer.from('certified', 'latin1')
