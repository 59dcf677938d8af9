/** One custodian as a process for tests that kill it: `node killed.ts FOLDER DEFINITION-FILE RELAY NAME`. */
import { readFileSync } from 'node:fs'
import { isFault } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import { STANDARD_LOGICS } from 'tallystick'
import { nostrEventFromText } from 'tallystick/nostr'
import { definedBy } from '../../src/custodian/definition.ts'
import { startCustodian } from '../../src/custodian/start-custodian.ts'
import { checkWhole, CUSTODIAN_VOWS } from '../../src/custodian/vows.ts'
import { createRelayClient } from '../../src/relay/client.ts'
import { openGuardedSqlite } from '../../src/store/open.ts'
import { person } from '../relay/people.ts'

const [folder = '', file = '', relay = '', name = ''] = process.argv.slice(2)
const verifier = createNativeEngine()
const defined = definedBy(nostrEventFromText(readFileSync(file, 'utf8')), {
  verifier,
  logics: STANDARD_LOGICS,
})
if (isFault(defined)) throw defined
const store = await openGuardedSqlite(folder, CUSTODIAN_VOWS)
await checkWhole(store)
await startCustodian({
  defined,
  relays: [relay],
  client: createRelayClient({ verifier }),
  store,
  signer: person(name),
  verifier,
  clock: () => BigInt(Date.now()),
  log: () => undefined,
  roundMs: 500,
  heartbeatMs: 300,
})
process.stdout.write('ready\n')
