/** Checks of bytes, texts, hashes and keys. */
import { moiArgument } from '../../packages/tallystick/src/dialects/moi/argument.ts'
import { networkState } from '../../packages/tallystick/src/dialects/moi/network-state.ts'
import { moiGenesis } from '../../packages/tallystick/src/dialects/moi/run/network.ts'
import { kramaEvidence } from '../../packages/tallystick/src/models/krama/evidence.ts'
import { kramaPolicy } from '../../packages/tallystick/src/models/krama/policy.ts'
import { kramaCertificate } from '../../packages/tallystick/src/models/krama/seal.ts'
import { sealed } from '../../packages/tallystick/src/models/krama/tesseract.ts'
import { bytesFromHex, equalBytes, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import {
  bytes,
  choice,
  type Codec,
  flag,
  list,
  optional,
  text,
  u128,
  u32,
  u64,
  u8,
} from '../../packages/tallystick/src/base/codec.ts'
import { idFromHex } from '../../packages/tallystick/src/base/brand.ts'
import { hash } from '../../packages/tallystick/src/base/hash.ts'
import { signerId, signerKey } from '../../packages/tallystick/src/base/signer.ts'
import { scheme, suite } from '../../packages/tallystick/src/base/suite.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import { jsonFromText } from '../../packages/tallystick/src/forms/strict-json.ts'
import { charter, terms } from '../../packages/tallystick/src/kernel/charter.ts'
import { consent } from '../../packages/tallystick/src/kernel/consent.ts'
import { deviceProof } from '../../packages/tallystick/src/kernel/device-proof.ts'
import { evidence } from '../../packages/tallystick/src/kernel/evidence.ts'
import { opening } from '../../packages/tallystick/src/kernel/field.ts'
import { interaction } from '../../packages/tallystick/src/kernel/interaction.ts'
import { signedKeyEvent } from '../../packages/tallystick/src/kernel/key-event.ts'
import { keyEvidence } from '../../packages/tallystick/src/kernel/key-evidence.ts'
import { certifiedKeyHead } from '../../packages/tallystick/src/kernel/key-head.ts'
import { statement } from '../../packages/tallystick/src/kernel/statement.ts'
import { transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { amountFromText } from '../../packages/tallystick/src/logic/amount.ts'
import { ledgerOperation } from '../../packages/tallystick/src/logic/ledger-operation.ts'
import { ledgerParams } from '../../packages/tallystick/src/logic/ledger-params.ts'
import { ledgerRecord } from '../../packages/tallystick/src/logic/ledger-record.ts'
import { bilateralCertificate } from '../../packages/tallystick/src/models/bilateral/certificate.ts'
import { statechartOperation } from '../../packages/tallystick/src/logic/statechart/operation.ts'
import { statechartParams } from '../../packages/tallystick/src/logic/statechart/params.ts'
import { message } from '../../packages/tallystick/src/models/bilateral/message.ts'
import { directoryCertificate } from '../../packages/tallystick/src/models/directory/certificate.ts'
import { directoryPolicy } from '../../packages/tallystick/src/models/directory/policy.ts'
import { fact } from '../../packages/tallystick/src/state/fact.ts'
import { proof } from '../../packages/tallystick/src/state/proof-codec.ts'
import { recordOperation } from '../../packages/tallystick/src/logic/record-operation.ts'
import { keptRecord } from '../../packages/tallystick/src/logic/record-state.ts'
import {
  credential,
  presentation,
  status,
} from '../../packages/tallystick/src/verify/credential.ts'
import { bundleStep, withheldStep } from '../../packages/tallystick/src/verify/bundle.ts'
import type { Check, Finding, Json } from './finding.ts'
import {
  bytesAt,
  bytesOrGeneratedAt,
  numberAt,
  plain,
  schemeAt,
  suiteAt,
  tagAt,
  textAt,
} from './read.ts'

/** A codec with the type of its values forgotten: what it reads is written again and compared. */
const forgotten = <T>(codec: Codec<T>): ((input: Uint8Array) => Json) => {
  return (input) => {
    const value = codec.decode(input)
    if (!equalBytes(codec.encode(value), input)) throw new Error('two spellings of one value')
    return plain(value)
  }
}

export const CODECS: Readonly<Record<string, (input: Uint8Array) => Json>> = {
  u8: forgotten(u8),
  u32: forgotten(u32),
  u64: forgotten(u64),
  u128: forgotten(u128),
  flag: forgotten(flag),
  'bytes up to 4': forgotten(bytes(4)),
  'text up to 8': forgotten(text(8)),
  'list of u8 up to 3': forgotten(list(u8, 3)),
  'optional u8': forgotten(optional(u8)),
  'choice of 2': forgotten(choice(['first', 'second'])),
  suite: forgotten(suite),
  scheme: forgotten(scheme),
  key: forgotten(signerKey),
  charter: forgotten(charter),
  terms: forgotten(terms),
  interaction: forgotten(interaction),
  transition: forgotten(transition),
  statement: forgotten(statement),
  consent: forgotten(consent),
  evidence: forgotten(evidence),
  'key event': forgotten(signedKeyEvent),
  'key evidence': forgotten(keyEvidence),
  'key head': forgotten(certifiedKeyHead),
  'device proof': forgotten(deviceProof),
  proof: forgotten(proof),
  fact: forgotten(fact),
  'ledger parameters': forgotten(ledgerParams),
  'ledger operation': forgotten(ledgerOperation),
  'ledger record': forgotten(ledgerRecord),
  'bilateral certificate': forgotten(bilateralCertificate),
  message: forgotten(message),
  'directory policy': forgotten(directoryPolicy),
  'directory certificate': forgotten(directoryCertificate),
  'bundle step': forgotten(bundleStep),
  'withheld step': forgotten(withheldStep),
  'record operation': forgotten(recordOperation),
  'kept record': forgotten(keptRecord),
  'statechart parameters': forgotten(statechartParams),
  'statechart operation': forgotten(statechartOperation),
  opening: forgotten(opening),
  credential: forgotten(credential),
  presentation: forgotten(presentation),
  status: forgotten(status),
  'krama policy': forgotten(kramaPolicy),
  'krama certificate': forgotten(kramaCertificate),
  'krama evidence': forgotten(kramaEvidence),
  seal: forgotten(sealed),
  'network-state': forgotten(networkState),
  'moi argument': forgotten(moiArgument),
  'moi genesis': forgotten(moiGenesis),
}

const engine = createPortableEngine()

const decode = (input: Parameters<Check>[0]): Finding => {
  const codec = CODECS[textAt(input, 'type')]
  if (!codec) throw new Error(`no codec for ${textAt(input, 'type')}`)
  return { expected: codec(bytesOrGeneratedAt(input, 'bytes')) }
}

export const bytesChecks: Readonly<Record<string, Check>> = {
  decode,
  hex: (input) => ({ expected: bytesFromHex(textAt(input, 'text')).length }),
  id: (input) => ({ expected: idFromHex(textAt(input, 'text')) }),
  hash: (input) => ({
    expected: hexFromBytes(hash(suiteAt(input), tagAt(input), bytesAt(input, 'bytes'))),
  }),
  key: (input) => {
    const { publicKey } = engine.fromSeed(schemeAt(input), bytesAt(input, 'seed'))
    const signer = signerId(suiteAt(input), schemeAt(input), publicKey)
    return { expected: { publicKey: hexFromBytes(publicKey), signer } }
  },
  sign: (input) => {
    const seed = bytesAt(input, 'seed')
    const signature = engine.sign(schemeAt(input), seed, bytesAt(input, 'message'), {
      deterministic: true,
    })
    return { expected: hexFromBytes(signature) }
  },
  signature: (input) => ({
    expected: engine.verify(
      schemeAt(input),
      bytesAt(input, 'publicKey'),
      bytesAt(input, 'message'),
      bytesAt(input, 'signature'),
    ),
  }),
  json: (input) => ({ expected: plain(jsonFromText(jsonTextIn(input))) }),
  amount: (input) => ({
    expected: amountFromText(textAt(input, 'text'), numberAt(input, 'decimals')).toString(),
  }),
}

/** A text as it is, or one that is too long to be written down: `repeat` a number of `times` between two ends. */
const jsonTextIn = (input: Parameters<Check>[0]): string => {
  if ('text' in input) return textAt(input, 'text')
  const middle = textAt(input, 'repeat').repeat(numberAt(input, 'times'))
  return textAt(input, 'start') + middle + textAt(input, 'end')
}
