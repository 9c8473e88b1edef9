// cluster_rules.mjs - what must hold between the pod and the documents around it: each rule gives its breaches.
import * as source from './source.mjs'

const matches = (selector, labels) =>
  Object.entries(selector ?? {}).every(([name, value]) => labels?.[name] === value)

const portOf = (manifest, name) => manifest.container('front').ports?.find((port) => port.name === name)

// A selector that finds nothing is no error to an API server.
export function selectors(manifest) {
  const { labels } = manifest.template.metadata
  const finders = [
    ...manifest.all('Service').map((each) => [each, each.spec.selector]),
    ...manifest.all('PodDisruptionBudget').map((each) => [each, each.spec.selector.matchLabels]),
    ...manifest.all('NetworkPolicy').map((each) => [each, each.spec.podSelector.matchLabels]),
    [manifest.workload, manifest.workload.spec.selector.matchLabels],
  ]
  return finders.filter(([, selector]) => !selector || !matches(selector, labels))
    .map(([each]) => `${each.kind}/${each.metadata.name} does not find the pods`)
}

// Ports and names that documents refer to by name.
export function references(manifest) {
  const service = manifest.one('Service')
  const serves = (name) => service?.spec.ports.some((port) => port.name === name)
  const backends = manifest.all('Ingress').flatMap((each) => each.spec.rules).flatMap((rule) => rule.http.paths)
    .map((each) => each.backend.service)
  const scraped = manifest.all('ServiceMonitor')
  return [
    ...(service?.spec.ports ?? []).filter((port) => !portOf(manifest, port.targetPort))
      .map((port) => `the Service sends to port ${port.targetPort}, which front does not have`),
    ...manifest.all('NetworkPolicy').flatMap((each) => each.spec.ingress ?? []).flatMap((rule) => rule.ports ?? [{}])
      .filter(({ port }) => !portOf(manifest, port)).map(({ port }) => `a NetworkPolicy lets in at ${port ?? 'every port'}`),
    ...backends.filter((each) => each.name !== service?.metadata.name || !serves(each.port.name))
      .map((each) => `the Ingress sends to ${each.name}, port ${each.port.name}, which is not there`),
    ...scraped.filter((each) => !matches(each.spec.selector.matchLabels, service?.metadata.labels) ||
      !each.spec.endpoints.every(({ port }) => serves(port))).map(() => 'the ServiceMonitor finds no port of the Service'),
    ...manifest.all('HorizontalPodAutoscaler').map((each) => each.spec.scaleTargetRef)
      .filter(({ kind, name }) => kind !== manifest.workload.kind || name !== manifest.workload.metadata.name)
      .map(({ name }) => `the autoscaler scales ${name}, which is not there`),
  ]
}

// The boxes have no network; neither has the pod, but for who asks it.
export function network(manifest) {
  if (!manifest.one('Service')) return []
  const policies = manifest.all('NetworkPolicy').map(({ spec }) => spec)
  const closed = policies.some(({ policyTypes }) => policyTypes?.includes('Egress') && policyTypes.includes('Ingress'))
  return [
    ...(closed ? [] : ['no NetworkPolicy closes the pod both ways']),
    ...(policies.some(({ egress }) => egress?.length) ? ['a NetworkPolicy lets the pod out'] : []),
    ...(policies.some(({ ingress }) => ingress?.some(({ from }) => !from?.length)) ? ['a NetworkPolicy lets everybody in'] : []),
  ]
}

export function scaling(manifest) {
  const scaler = manifest.one('HorizontalPodAutoscaler')
  if (!scaler) return []
  const named = (metric) => metric.pods?.metric.name ?? metric.resource?.name
  const names = scaler.spec.metrics.map(named)
  return [
    ...['cpu', 'mayfly_runs_waiting'].filter((name) => !names.includes(name)).map((name) => `nothing scales by ${name}`),
    ...('replicas' in manifest.workload.spec ? ['replicas are given, and the autoscaler gives them too'] : []),
  ]
}

export function images(manifest) {
  const tags = manifest.containers.map(({ name, image }) => [name, /:([^:/]+)$/.exec(image)?.[1], image])
  return [
    ...tags.filter(([, tag]) => !tag || tag === 'latest').map(([name]) => `${name}: its image has no version`),
    ...tags.filter(([, tag, image]) => /(^|\/)mayfly(-runner-images)?:/.test(image) && tag !== source.version)
      .map(([name]) => `${name}: its image is not of version ${source.version}`),
  ]
}

// A proxy must wait as long as an answer may take, pass on what comes at once, and take as large a body.
export function ingress(manifest) {
  const environment = manifest.environment(manifest.container('front'))
  const milliseconds = (name) => Number(source.setting(environment, name))
  const longest = (milliseconds('MAYFLY_QUEUE_TIMEOUT_MS') + milliseconds('MAYFLY_MAX_TIMEOUT_MS')) / 1000
  const largest = source.bytes(source.setting(environment, 'MAYFLY_MAX_BODY_BYTES'))
  return manifest.all('Ingress').flatMap(({ metadata, spec }) => {
    const nginx = (name) => metadata.annotations[`nginx.ingress.kubernetes.io/${name}`]
    const again = nginx('proxy-next-upstream') ?? ''
    return [
      ...(nginx('proxy-buffering') === 'off' ? [] : ['the Ingress buffers event streams']),
      ...(Number(nginx('proxy-read-timeout')) > longest ? [] : [`the Ingress waits no longer than ${longest} s`]),
      ...(source.bytes((nginx('proxy-body-size') ?? '1m').replace('m', 'Mi')) === largest ? [] : ['the Ingress takes other bodies']),
      ...(/timeout|error|50[0-24]/.test(again) ? ['the Ingress asks again when the program may have run'] : []),
      ...(spec.tls?.length ? [] : ['the Ingress has no TLS']),
    ]
  })
}
