/**
 * Traces: one span for each request and one for each durable write in it, through the interface of OpenTelemetry.
 *
 * Off unless the process was started with an SDK in front (`node --import`); then the interface does nothing and costs next
 * to nothing. No attribute holds what somebody sent: routes and statuses only.
 */
import { SpanStatusCode, trace } from '@opentelemetry/api'

const tracer = trace.getTracer('tallystick')

/** Runs work inside a span. An error marks the span and goes on. */
export const traced = <T>(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  work: () => Promise<T>,
): Promise<T> =>
  tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work()
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  })
