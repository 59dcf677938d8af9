/**
 * Who signs: a scheme and a public key together, and the id made of both. The scheme is part of the id, so a key
 * registered under one scheme can never be presented under another.
 */
import type { SignerId } from './brand.ts'
import { type Codec, codecFrom } from './codec.ts'
import { Fault } from './fault.ts'
import { hashId } from './hash.ts'
import { type SchemeId, scheme, schemeRules, type SuiteId } from './suite.ts'
import { TAGS } from './tags.ts'

export type SignerKey = {
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
}

/** The id of a key on machines of `suite`. Raises `key/wrong-size` and `suite/not-available`. */
export const signerId = (suite: SuiteId, keyScheme: SchemeId, publicKey: Uint8Array): SignerId =>
  hashId<'signer'>(suite, TAGS.signer, signerKey.encode({ scheme: keyScheme, publicKey }))

/** The scheme's code and then the key, whose length the scheme fixes. Raises `key/wrong-size`, `scheme/unknown`. */
export const signerKey: Codec<SignerKey> = codecFrom(
  (writer, value) => {
    scheme.write(writer, value.scheme)
    writer.raw(checkedKey(value.scheme, value.publicKey))
  },
  (reader) => {
    const keyScheme = scheme.read(reader)
    return { scheme: keyScheme, publicKey: reader.raw(schemeRules(keyScheme).publicKeyBytes) }
  },
)

const checkedKey = (keyScheme: SchemeId, publicKey: Uint8Array): Uint8Array => {
  const size = schemeRules(keyScheme).publicKeyBytes
  if (publicKey.length !== size) {
    throw new Fault(
      'key/wrong-size',
      `a ${keyScheme} public key has ${size} bytes, not ${publicKey.length}`,
    )
  }
  return publicKey
}
