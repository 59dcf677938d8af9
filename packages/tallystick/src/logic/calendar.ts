/** Moments for people. Nothing here knows what time it is. */

/** The last millisecond of the year 9999. */
const MILLIS_MAX = 253_402_300_799_999n

/** '2026-01-01 00:00:00 UTC' for milliseconds since 1970; beyond the year 9999 the bare number. */
export const textFromMillis = (millis: bigint): string => {
  if (millis < 0n || millis > MILLIS_MAX) return `${millis} ms after 1970`
  const seconds = Number(millis / 1000n)
  const [year, month, day] = dateFromDays(Math.floor(seconds / 86_400))
  const clock = [seconds / 3600, seconds / 60, seconds].map((unit, at) =>
    digits(Math.floor(unit) % (at === 0 ? 24 : 60), 2),
  )
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)} ${clock.join(':')} UTC`
}

/** Year, month and day of a day counted from 1970, in the Gregorian calendar. */
const dateFromDays = (days: number): readonly [number, number, number] => {
  let year = 1970 + Math.floor(days / 366)
  while (daysBefore(year + 1) <= days) year++
  let left = days - daysBefore(year)
  const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  let month = 0
  while (left >= (lengths[month] ?? 31)) {
    left -= lengths[month] ?? 31
    month++
  }
  return [year, month + 1, left + 1]
}

/** Days from 1970 to the first day of a year. */
const daysBefore = (year: number): number => {
  const past = year - 1
  const leaps = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
  return 365 * (year - 1970) + leaps - 477
}

const isLeap = (year: number): boolean => daysBefore(year + 1) - daysBefore(year) === 366

const digits = (value: number, size: number): string => value.toString().padStart(size, '0')
