/** Bundled and run by `ed25519.test.ts` on every other runtime it finds. */
import { runtimeVerdicts } from './verdicts.ts'

process.stdout.write(JSON.stringify(runtimeVerdicts()))
