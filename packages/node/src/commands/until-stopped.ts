/** How a process that signs comes to its end, whichever kind it is. */
import type { ExitCode } from 'tallystick/shell'
import type { OperatorLogger } from '../server/log.ts'
import { errorFields } from '../server/start-operator.ts'
import { onStopSignal } from './stop-signals.ts'

/** How often it is looked whether anything can still be promised. */
const LOOK_MS = 1000

export type Failure = { readonly says: string; readonly why: string | undefined }

/**
 * Resolves when the process is told to stop, and also when it should not go on: after a mistake that nothing caught, or when
 * the disk has failed, which `failure` tells. Whoever supervises it starts it again, and what is durable is there.
 */
export const untilStopped = (
  log: OperatorLogger,
  failure: () => Failure | undefined,
): Promise<ExitCode> =>
  new Promise((settle) => {
    const end = (code: ExitCode): void => {
      clearInterval(looking)
      settle(code)
    }
    const looking = setInterval(() => {
      const failed = failure()
      if (!failed) return
      log('error', failed.says, { why: failed.why })
      end(1)
    }, LOOK_MS)
    const give = (what: string) => (error: unknown) => {
      log('error', what, errorFields(error))
      end(1)
    }
    process.on('unhandledRejection', give('unhandled rejection'))
    process.on('uncaughtException', give('uncaught exception'))
    onStopSignal((signal) => {
      log('info', 'told to stop', { signal })
      end(0)
    })
  })
