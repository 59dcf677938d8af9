/** Writing one's own card. */
import { cardFromFile, fileFromCard, type ReadCard } from '../verify/card.ts'
import { PUBLIC_FILE, replaceFile } from './durable-file.ts'
import { deviceFrom } from './home.ts'
import { type Keyring, openIdentity } from './keystore.ts'

export type WrittenCard = {
  readonly path: string
  readonly bytes: number
  readonly card: ReadCard
}

/** The card of an identity as a file's bytes. Raises a usage error where no device has its key here. */
export const cardOf = (ring: Keyring, device: string | undefined): Uint8Array => {
  const { name, log, devices } = openIdentity(ring)
  const signs = deviceFrom(ring, device)
  const at = devices.findIndex((one) => one.name === signs.name)
  return fileFromCard({ name, device: at, log })
}

/** Writes the card of an identity. */
export const writeCard = (
  ring: Keyring,
  options: { readonly output?: string; readonly device?: string },
): WrittenCard => {
  const file = cardOf(ring, options.device)
  const path = options.output ?? `${ring.name}.card.tally`
  replaceFile(path, file, PUBLIC_FILE)
  return { path, bytes: file.length, card: cardFromFile(file, ring.engine) }
}
