/**
 * Traces: one span for each request and one for each durable write in it, through the interface of OpenTelemetry.
 *
 * Off unless the process was started with an SDK in front (`node --import`); then the interface is not even loaded, which
 * would be a hundred files at each start. No attribute holds what somebody sent: routes and statuses only.
 */
import type { Tracer } from '@opentelemetry/api'

/** Where an SDK leaves word of itself for every copy of the interface with its major version. */
const MARK = Symbol.for('opentelemetry.js.api.1')
const api = MARK in globalThis ? await import('@opentelemetry/api') : undefined

/** The tracer of the SDK that was loaded in front, if one was: looked up once, since it is in front. */
const tracer: Tracer | undefined = ((): Tracer | undefined => {
  if (!api) return undefined
  const { ProxyTracerProvider, trace } = api
  const provider = trace.getTracerProvider()
  const isEmpty =
    provider instanceof ProxyTracerProvider &&
    provider.getDelegateTracer('tallystick') === undefined
  return isEmpty ? undefined : trace.getTracer('tallystick')
})()

/** Runs work inside a span. An error marks the span and goes on. */
export const traced = async <T>(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  work: () => Promise<T>,
): Promise<T> => {
  if (!tracer || !api) return work()
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work()
    } catch (error) {
      span.setStatus({ code: api.SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  })
}
