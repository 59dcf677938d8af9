/**
 * A manifest from what was handed in, whatever form it has. POLO begins with the byte of a pack or a document, which no JSON text
 * begins with; YAML is read in another package, where there is a reader for it, and arrives as a JSON value.
 */
import { utf8FromBytes } from '../../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../../base/fault.ts'
import { MANIFEST_BYTES_MAX } from '../../../base/limits.ts'
import { type Json } from '../../../forms/strict-json.ts'
import { WIRE } from '../polo/wire.ts'
import { manifestFromJson, manifestFromJsonText } from './json.ts'
import { type Manifest } from './manifest.ts'
import { manifestFromPolo } from './polo.ts'

/** Bytes of POLO or of a JSON text, or a JSON value. */
export const readManifest = (of: Uint8Array | Json): Manifest | Fault => {
  if (!(of instanceof Uint8Array)) return faultFrom(() => manifestFromJson(of))
  if (of.length > MANIFEST_BYTES_MAX)
    return new Fault('manifest/malformed', `a manifest of ${of.length} bytes`)
  if (of[0] === WIRE.pack || of[0] === WIRE.document) return manifestFromPolo(of)
  const text = faultFrom(() => utf8FromBytes(of))
  return isFault(text) ? text : manifestFromJsonText(text)
}
