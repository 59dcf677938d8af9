/** What methods have in common that tell what one account held at a tesseract of it. */
import { type Answer, method, type Method, type MethodWords } from '../rpc/method.ts'
import { type At, identifier, options, type Param } from '../rpc/param.ts'
import type { MoiId } from '../store/entry.ts'
import type { ReadAccount } from '../views.ts'
import { type GuardianContext, viewAt } from './context.ts'

/** An account, and the newest of its tesseracts, as examples. */
export const ID: string = `0x00000000${'1a'.repeat(24)}00000000`
export const LATEST = { tesseract_number: -1 } as const

export const account: { readonly id: Param<MoiId>; readonly options: Param<At> } = {
  id: identifier('the account'),
  options: options('which tesseract of the account'),
}

/** Why a question about the past of an account is refused. */
export const PAST = [
  'unknown-account',
  'unknown-tesseract',
  'empty-options',
  'bad-options',
] as const

export const accountQuestion = (
  of: Pick<MethodWords, 'name' | 'what' | 'result' | 'cost'> & {
    /** Pure: it may be run several times. */
    readonly answer: (read: ReadAccount, account: MoiId) => Answer
  },
): Method<GuardianContext> => {
  const { answer, ...words } = of
  return method({
    ...words,
    params: account,
    example: [{ id: ID, options: LATEST }],
    errors: PAST,
    run: async (context: GuardianContext, args) => {
      const view = await viewAt(context, args)
      return context.views.ask([view], (read) => answer(read, args.id))
    },
  })
}
