/**
 * The routines of the three standards MAS0, MAS1 and MAS2: what an asset does that brings no logic of its own.
 *
 * MAS0 has one token, MAS1 tokens of one piece each, MAS2 tokens of many pieces. Arguments and results are POLO documents by
 * label, as MOI's client encodes them (`docs/spec/moi-execution.md` has the table).
 */
import { Fault } from '../../../base/fault.ts'
import {
  MOI_MAP_ENTRIES_MAX,
  MOI_NAME_BYTES_MAX,
  STATE_VALUE_BYTES_MAX,
} from '../../../base/limits.ts'
import { type MoiId, poloMoiId } from '../identifier.ts'
import { poloMap } from '../polo/container.ts'
import { writeDocument } from '../polo/document.ts'
import { poloBool, poloBytes, poloNatural, poloText } from '../polo/scalar.ts'
import { encodePolo, type Polo } from '../polo/schema.ts'
import {
  approve,
  balanceIn,
  burn,
  type Engine,
  lockup,
  mint,
  release,
  revoke,
  supplyOf,
  transfer,
} from './asset-engine.ts'
import { type Arguments, readArguments } from './calldata-reader.ts'
import { type AssetEvent, assetLog, type Log } from './log.ts'
import { getMetadata, putMetadata, setMetadata, takeToken } from './metadata.ts'

export type Routine = { readonly callsite: string; readonly calldata: Uint8Array }

export type Outcome = { readonly outputs: Uint8Array; readonly logs: readonly Log[] }

/** Numbers of the standards, and of assets that bring their own logic. */
export const STANDARD = { mas0: 0, mas1: 1, mas2: 2, masx: 65_535 } as const

const polo = {
  text: poloText(MOI_NAME_BYTES_MAX),
  value: poloBytes(STATE_VALUE_BYTES_MAX),
  amount: poloNatural(256),
  word: poloNatural(64),
  metadata: poloMap(
    poloText(MOI_NAME_BYTES_MAX),
    poloBytes(STATE_VALUE_BYTES_MAX),
    MOI_MAP_ENTRIES_MAX,
  ),
} as const

/** What a routine did: its results by label, and the event about it. */
type Done = {
  readonly results?: ReadonlyMap<string, Uint8Array>
  readonly event?: Omit<AssetEvent, 'operation' | 'operator'>
}

type Step = {
  readonly engine: Engine
  readonly args: Arguments
  /** 0 in MAS0. */
  readonly token: bigint
  /** 1 in MAS1. */
  readonly amount: bigint
}

type RoutineKind = {
  /** Labels of the arguments; `token_id` and `amount` only where the standard has them. */
  readonly labels: readonly string[]
  readonly run: (step: Step) => Done
  /** Absent from MAS0. */
  readonly isOfTokens?: true
  readonly isQuestion?: true
}

/** Whether a routine only tells something, as it does of assets with a logic of their own too. */
export const isQuestionRoutine = (callsite: string): boolean =>
  ROUTINES.get(callsite)?.isQuestion === true

/** Runs a routine by name. Raises `moi/defect` for a call that cannot be, `moi/exception` for one that is refused. */
export const runRoutine = (engine: Engine, call: Routine): Outcome => {
  const { standard } = engine.record
  const routine = ROUTINES.get(call.callsite)
  const isThere = routine && (routine.isQuestion || isStandard(standard))
  if (!isThere || (routine.isOfTokens && standard === STANDARD.mas0)) {
    throw new Fault('moi/defect', `callsite not found: ${call.callsite}`)
  }
  const isRead = routine.labels.length === 0
  // A routine without arguments looks at none: MOI's client asks for a symbol with the arguments of another question.
  const calldata = isRead ? new Uint8Array() : call.calldata
  const args = readArguments(calldata, labelsIn(standard, routine))
  const step: Step = {
    engine,
    args,
    token: standard === STANDARD.mas0 ? 0n : args.read('token_id', polo.word),
    amount: standard === STANDARD.mas1 ? 1n : args.read('amount', polo.amount),
  }
  const done = routine.run(step)
  const outputs = writeDocument(done.results ?? new Map())
  if (!done.event || !engine.record.hasEvents) return { outputs, logs: [] }
  const event = { ...done.event, operation: call.callsite, operator: engine.sender }
  return { outputs, logs: [assetLog(engine.asset, event, standard === STANDARD.mas0)] }
}

const isStandard = (standard: number): boolean =>
  standard === STANDARD.mas0 || standard === STANDARD.mas1 || standard === STANDARD.mas2

const labelsIn = (standard: number, { labels }: RoutineKind): readonly string[] =>
  labels.filter(
    (label) =>
      (label !== 'token_id' || standard !== STANDARD.mas0) &&
      (label !== 'amount' || standard !== STANDARD.mas1),
  )

/** Names that two parties to a movement have, and what is moved. */
const accountIn = ({ args }: Step, label: string): MoiId => args.read(label, poloMoiId)

const one = <T>(label: string, schema: Polo<T>, value: T): ReadonlyMap<string, Uint8Array> =>
  new Map([[label, encodePolo(schema, value)]])

const runTransfer = (step: Step): Done => {
  const { engine, token, amount } = step
  const beneficiary = accountIn(step, 'beneficiary')
  transfer(engine, { token, beneficiary, amount })
  return { event: { benefactor: engine.sender, beneficiary, amount, token } }
}

const runTransferFrom = (step: Step): Done => {
  const { engine, token, amount } = step
  const benefactor = accountIn(step, 'benefactor')
  const beneficiary = accountIn(step, 'beneficiary')
  transfer(engine, { token, benefactor, beneficiary, amount })
  return { event: { benefactor, beneficiary, amount, token } }
}

/** Each time a new token, but in MAS0. */
const runMint = (step: Step): Done => {
  const { engine, amount } = step
  const beneficiary = accountIn(step, 'beneficiary')
  const isFungible = engine.record.standard === STANDARD.mas0
  const token = isFungible ? 0n : takeToken(engine)
  mint(engine, { token, beneficiary, amount })
  const event = { beneficiary, amount, token }
  for (const [key, value] of step.args.read('static_metadata', polo.metadata)) {
    const at = { kind: 'static', key, token: isFungible ? undefined : token } as const
    putMetadata(engine.draft, engine.asset, at, value)
  }
  return isFungible ? { event } : { event, results: one('token_id', polo.word, token) }
}

const runBurn = ({ engine, token, amount }: Step): Done => {
  burn(engine, { token, amount })
  return { event: { benefactor: engine.sender, amount, token } }
}

const runApprove = (step: Step): Done => {
  const { engine, token, amount } = step
  const beneficiary = accountIn(step, 'beneficiary')
  const expiresAt = step.args.read('expires_at', polo.word)
  approve(engine, { token, beneficiary, amount, expiresAt })
  return { event: { benefactor: engine.sender, beneficiary, amount, token, expiresAt } }
}

const runRevoke = (step: Step): Done => {
  const { engine, token } = step
  const beneficiary = accountIn(step, 'beneficiary')
  revoke(engine, { token, beneficiary })
  return { event: { benefactor: engine.sender, beneficiary, token } }
}

const runLockup = (step: Step): Done => {
  const { engine, token, amount } = step
  const beneficiary = accountIn(step, 'beneficiary')
  lockup(engine, { token, beneficiary, amount })
  return { event: { benefactor: engine.sender, beneficiary, amount, token } }
}

const runRelease = (step: Step): Done => {
  const { engine, token, amount } = step
  const benefactor = accountIn(step, 'benefactor')
  const beneficiary = accountIn(step, 'beneficiary')
  release(engine, { token, benefactor, beneficiary, amount })
  return { event: { benefactor, beneficiary, amount, token } }
}

const setter =
  (kind: 'static' | 'dynamic', isOfToken: boolean) =>
  ({ engine, args, token }: Step): Done => {
    const key = args.read('key', polo.text)
    const at = { kind, key, token: isOfToken ? token : undefined }
    setMetadata(engine, at, args.read('value', polo.value))
    return {}
  }

const getter =
  (kind: 'static' | 'dynamic', isOfToken: boolean) =>
  ({ engine, args, token }: Step): Done => {
    const key = args.read('key', polo.text)
    const value = getMetadata(engine, { kind, key, token: isOfToken ? token : undefined })
    return { results: one('value', polo.value, value) }
  }

/** A routine that tells one thing about the asset. */
const field = <T>(
  callsite: string,
  label: string,
  schema: Polo<T>,
  of: (engine: Engine) => T,
): readonly [string, RoutineKind] => [
  callsite,
  {
    labels: [],
    isQuestion: true,
    run: ({ engine }) => ({ results: one(label, schema, of(engine)) }),
  },
]

const MOVE = ['token_id', 'beneficiary', 'amount']
const MOVE_FROM = ['token_id', 'benefactor', 'beneficiary', 'amount']

const ROUTINES: ReadonlyMap<string, RoutineKind> = new Map<string, RoutineKind>([
  ['Transfer', { labels: MOVE, run: runTransfer }],
  ['TransferFrom', { labels: MOVE_FROM, run: runTransferFrom }],
  ['Mint', { labels: ['beneficiary', 'amount'], run: runMint }],
  ['MintWithMetadata', { labels: ['beneficiary', 'amount', 'static_metadata'], run: runMint }],
  ['Burn', { labels: ['token_id', 'amount'], run: runBurn }],
  ['Approve', { labels: [...MOVE, 'expires_at'], run: runApprove }],
  ['Revoke', { labels: ['token_id', 'beneficiary'], run: runRevoke }],
  ['Lockup', { labels: MOVE, run: runLockup }],
  ['Release', { labels: MOVE_FROM, run: runRelease }],
  ['SetStaticMetadata', { labels: ['key', 'value'], run: setter('static', false) }],
  ['SetDynamicMetadata', { labels: ['key', 'value'], run: setter('dynamic', false) }],
  ['GetStaticMetadata', { labels: ['key'], isQuestion: true, run: getter('static', false) }],
  ['GetDynamicMetadata', { labels: ['key'], isQuestion: true, run: getter('dynamic', false) }],
  ...(['Static', 'Dynamic'] as const).flatMap((name): readonly [string, RoutineKind][] => {
    const kind = name === 'Static' ? 'static' : 'dynamic'
    const labels = ['token_id', 'key']
    return [
      [
        `Set${name}TokenMetadata`,
        { labels: [...labels, 'value'], run: setter(kind, true), isOfTokens: true },
      ],
      [
        `Get${name}TokenMetadata`,
        { labels, run: getter(kind, true), isOfTokens: true, isQuestion: true },
      ],
    ]
  }),
  field('Symbol', 'symbol', polo.value, ({ record }) => record.symbol),
  field('Creator', 'creator', poloMoiId, ({ record }) => record.creator),
  field('Manager', 'manager', poloMoiId, ({ record }) => record.manager),
  field('Decimals', 'decimals', polo.word, ({ record }) => record.decimals),
  field('MaxSupply', 'max_supply', polo.amount, ({ record }) => record.maxSupply),
  field('CirculatingSupply', 'circulating_supply', polo.amount, ({ draft, asset }) =>
    supplyOf(draft.read, asset),
  ),
  [
    'BalanceOf',
    {
      labels: ['token_id', 'address'],
      isQuestion: true,
      run: (step) => {
        const balance = balanceIn(step.engine, accountIn(step, 'address'), step.token)
        return { results: one('balance', polo.amount, balance) }
      },
    },
  ],
  [
    'IsOwner',
    {
      labels: ['token_id', 'address'],
      isOfTokens: true,
      isQuestion: true,
      run: (step) => {
        const balance = balanceIn(step.engine, accountIn(step, 'address'), step.token)
        return { results: one('is_owner', poloBool, balance > 0n) }
      },
    },
  ],
])
