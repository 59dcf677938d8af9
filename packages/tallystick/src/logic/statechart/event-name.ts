/** Names of events: exact ones, and none that XState or the profile keep for themselves. */
import { checkName, type Report } from './report.ts'

/** The one event that anybody may send to say that time has passed. */
export const TICK = 'nsm.tick'

/** Names that only the interpreter gives: nobody raises, sends or listens to them. */
export const isReservedEvent = (name: string): boolean => {
  const point = name.indexOf('.')
  return RESERVED.has(point < 0 ? name : name.slice(0, point)) && name !== TICK
}

const RESERVED: ReadonlySet<string> = new Set(['xstate', 'done', 'error', 'nsm'])

export const checkEventName = (
  report: Report,
  name: string,
  { path, isRaised }: { readonly path: string; readonly isRaised: boolean },
): void => {
  if (name === '*' || name.endsWith('.*')) {
    report.problems.push({
      code: 'wildcard',
      path,
      message: `"${name.slice(0, 64)}" stands for many events, and versions of XState differ over it`,
      fix: 'name each event',
    })
    return
  }
  if (isReservedEvent(name) || (isRaised && name === TICK)) {
    report.problems.push({
      code: 'bad-key',
      path,
      message: `the event "${name.slice(0, 64)}" is reserved`,
      fix: 'choose another name; "onDone" hears of final states, "after" of time',
    })
    return
  }
  checkName(report, name, { path, what: 'event' })
}
