// broken.test.mjs - each rule can fail: manifests are broken in one place, and the rule that says so must go red.
import assert from 'node:assert/strict'
import test from 'node:test'
import { breaches, rules } from './check.mjs'
import { render } from './manifests.mjs'

const rendered = new Map()
const fresh = (name) => {
  if (!rendered.has(name)) rendered.set(name, render(name))
  return rendered.get(name).clone()
}

const front = (manifest) => manifest.container('front')
const broker = (manifest) => manifest.container('broker')
const engine = (manifest) => manifest.container('engine')
const context = (manifest) => front(manifest).securityContext
const settings = (manifest) => manifest.one('ConfigMap').data
const remove = (list, test) => list.splice(list.findIndex(test), 1)
const setEnv = (container, name, value) => {
  container.env = [...(container.env ?? []).filter((each) => each.name !== name), { name, value }]
}
const setArg = (manifest, old, ...args) => engine(manifest).args.splice(engine(manifest).args.indexOf(old), 1, ...args)
const annotate = (manifest, name, value) => {
  manifest.one('Ingress').metadata.annotations[`nginx.ingress.kubernetes.io/${name}`] = value
}

const DIND = 'overlays/dind'
const ROOTLESS = 'overlays/dind-rootless'
const NODE_SOCKET = 'overlays/node-socket'
const NO_KEYS = 'examples/no-keys'
const PRODUCTION = 'examples/production'
const SIDECAR = 'examples/sidecar'

// Rule, manifest, and what is done to it.
const breaks = [
  ['wrongTypes', DIND, 'a number as text', (m) => { m.workload.spec.template.spec.terminationGracePeriodSeconds = '65' }],
  ['wrongTypes', DIND, 'a required field gone', (m) => { delete m.workload.spec.selector }],
  ['wrongTypes', DIND, 'a kind that is not there', (m) => { m.one('Service').kind = 'Servlet' }],
  ['wrongTypes', PRODUCTION, 'a wrong type in a custom resource', (m) => { m.one('ServiceMonitor').spec.endpoints = 'http' }],
  ['unknownFields', DIND, 'a misspelt field', (m) => { m.workload.spec.replica = 2 }],
  ['unknownFields', DIND, 'a misspelt field of a container', (m) => { context(m).readOnlyRootFileSystem = true }],
  ['unknownFields', DIND, 'a misspelt field in a list', (m) => { m.one('NetworkPolicy').spec.ingress[0].form = [] }],

  ['restricted', DIND, 'root', (m) => { context(m).runAsUser = 0 }],
  ['restricted', DIND, 'perhaps root', (m) => { delete context(m).runAsNonRoot }],
  ['restricted', DIND, 'a capability', (m) => { context(m).capabilities.add = ['NET_BIND_SERVICE'] }],
  ['restricted', DIND, 'capabilities kept', (m) => { delete context(m).capabilities }],
  ['restricted', DIND, 'a gain of privileges', (m) => { delete context(m).allowPrivilegeEscalation }],
  ['restricted', DIND, 'no seccomp', (m) => { context(m).seccompProfile.type = 'Unconfined' }],
  ['restricted', DIND, 'no AppArmor', (m) => { context(m).appArmorProfile = { type: 'Unconfined' } }],
  ['restricted', DIND, 'an open /proc', (m) => { context(m).procMount = 'Unmasked' }],
  ['restricted', DIND, 'a root that can be written to', (m) => { delete context(m).readOnlyRootFilesystem }],
  ['restricted', DIND, 'privileged', (m) => { context(m).privileged = true }],
  ['restricted', DIND, "the node's network", (m) => { m.pod.hostNetwork = true }],
  ['restricted', DIND, "the node's port", (m) => { front(m).ports[0].hostPort = 8000 }],
  ['restricted', DIND, 'a privileged broker', (m) => { broker(m).securityContext.privileged = true }],
  ['restricted', DIND, 'a broker that is root', (m) => { broker(m).securityContext.runAsUser = 0 }],
  ['restricted', NODE_SOCKET, 'a front that is root', (m) => { context(m).runAsUser = 0 }],
  ['restricted', SIDECAR, 'a front that is root, as a sidecar', (m) => { context(m).runAsUser = 0 }],

  ['engineSocket', DIND, 'the socket in the front', (m) => {
    front(m).volumeMounts.push({ name: 'mayfly-engine', mountPath: '/run/engine' })
  }],
  ['engineSocket', SIDECAR, 'the socket in the application', (m) => {
    m.container('agent').volumeMounts = [{ name: 'mayfly-engine', mountPath: '/run/engine' }]
  }],
  ['engineSocket', DIND, "the node's folder by another volume", (m) => {
    m.pod.volumes.push({ name: 'more', hostPath: { path: '/run' } })
  }],
  ['engineSocket', DIND, 'no socket in the broker', (m) => { broker(m).volumeMounts.pop() }],

  ['socketRights', DIND, 'a front of another group', (m) => { context(m).runAsGroup = 65534 }],
  ['socketRights', DIND, "a front that is the broker's user", (m) => { context(m).runAsUser = 65533 }],
  ['socketRights', DIND, 'an engine for another group', (m) => { setArg(m, '--group=65532', '--group=998') }],
  ['socketRights', DIND, 'an engine for no group', (m) => { setArg(m, '--group=65532') }],
  ['socketRights', NODE_SOCKET, "a root broker without nobody's group", (m) => {
    context(m).runAsGroup = broker(m).securityContext.runAsGroup = 65532
  }],
  ['socketRights', DIND, 'a front that may replace the wire socket', (m) => { delete front(m).volumeMounts[0].readOnly }],
  ['socketRights', SIDECAR, 'an application with the wire socket', (m) => {
    m.container('agent').volumeMounts = [{ name: 'mayfly-wire', mountPath: '/run/mayfly' }]
  }],

  ['engineAddress', DIND, 'options only, to which TCP is added', (m) => { engine(m).args.shift() }],
  ['engineAddress', DIND, 'no arguments', (m) => { delete engine(m).args }],
  ['engineAddress', DIND, 'TCP beside the socket', (m) => { engine(m).args.push('--host=tcp://0.0.0.0:2375') }],
  ['engineAddress', ROOTLESS, 'TCP in two words', (m) => { engine(m).args.push('-H', 'tcp://127.0.0.1:2375') }],
  ['engineAddress', DIND, 'an address by a file', (m) => { engine(m).args.push('--config-file=/etc/docker/daemon.json') }],
  ['engineAddress', SIDECAR, 'another socket', (m) => {
    setArg(m, '--host=unix:///run/engine/docker.sock', '--host=unix:///run/docker.sock')
  }],
  ['engineAddress', DIND, 'another entry point', (m) => { engine(m).command = ['sh', '-c', 'dockerd'] }],
  ['engineAddress', DIND, 'a bridge', (m) => { setArg(m, '--bridge=none') }],

  ['order', DIND, 'the broker before the engine', (m) => { m.pod.initContainers.reverse() }],
  ['order', DIND, 'an engine to wait for', (m) => { delete engine(m).restartPolicy }],
  ['order', DIND, 'a broker to wait for', (m) => { delete broker(m).restartPolicy }],
  ['order', DIND, 'images that are loaded for ever', (m) => { m.container('runner-images').restartPolicy = 'Always' }],
  ['order', DIND, 'nobody waits for the engine', (m) => { delete engine(m).startupProbe }],

  ['gracePeriod', DIND, 'a short grace', (m) => { m.pod.terminationGracePeriodSeconds = 60 }],
  ['gracePeriod', DIND, 'the default grace', (m) => { delete m.pod.terminationGracePeriodSeconds }],
  ['gracePeriod', DIND, 'longer runs', (m) => { settings(m).MAYFLY_MAX_TIMEOUT_MS = '60000' }],
  ['gracePeriod', DIND, 'a longer drain', (m) => { settings(m).MAYFLY_DRAIN_MS = '40000' }],
  ['gracePeriod', DIND, 'no preStop', (m) => { delete front(m).lifecycle }],
  ['gracePeriod', SIDECAR, 'a short grace for a sidecar', (m) => { m.pod.terminationGracePeriodSeconds = 30 }],

  ['settingNames', DIND, 'a misspelt setting', (m) => { setEnv(front(m), 'MAYFLY_LISTENS', '0.0.0.0:8000') }],
  ['settingNames', DIND, 'a misspelt setting for both', (m) => { settings(m).MAYFLY_MAXBOXES = '4' }],

  ['memory', DIND, 'more boxes than fit', (m) => { settings(m).MAYFLY_MAX_BOXES = '64' }],
  ['memory', DIND, 'an engine without a limit', (m) => { delete engine(m).resources.limits }],
  ['memory', DIND, "boxes by the node's cores", (m) => { delete settings(m).MAYFLY_MAX_BOXES }],
  ['memory', DIND, 'more bodies than the front has memory for', (m) => { settings(m).MAYFLY_MAX_PENDING_BYTES = '1GiB' }],
  ['memory', DIND, 'more answers than the front has memory for', (m) => { settings(m).MAYFLY_MAX_UNREAD_BYTES = '256MiB' }],

  ['userNamespace', ROOTLESS, 'ids that are not there', (m) => { delete settings(m).MAYFLY_UID_BASE }],
  ['userNamespace', ROOTLESS, 'too many blocks', (m) => { delete settings(m).MAYFLY_UID_BLOCKS }],
  ['userNamespace', ROOTLESS, 'a privileged engine', (m) => { engine(m).securityContext.privileged = true }],

  ['probes', DIND, 'alive by the engine', (m) => { front(m).livenessProbe.httpGet.path = '/health' }],
  ['probes', DIND, 'ready by being alive', (m) => { front(m).readinessProbe.httpGet.path = '/livez' }],
  ['probes', DIND, 'another port', (m) => { setEnv(front(m), 'MAYFLY_LISTEN', '0.0.0.0:8080') }],
  ['probes', DIND, 'loopback', (m) => { setEnv(front(m), 'MAYFLY_LISTEN', '127.0.0.1:8000') }],
  ['probes', DIND, 'a broker that may be stuck', (m) => { delete broker(m).livenessProbe }],

  ['keys', NO_KEYS, 'neither keys nor a word', (m) => { remove(front(m).env, ({ name }) => name === 'MAYFLY_AUTH') }],
  ['keys', DIND, 'keys and none', (m) => { setEnv(front(m), 'MAYFLY_AUTH', 'none') }],
  ['keys', DIND, 'keys that nothing mounts', (m) => { setEnv(front(m), 'MAYFLY_KEYS_FILE', '/keys.json') }],
  ['keys', DIND, 'keys that the front cannot read', (m) => { delete m.volume('mayfly-keys').secret.defaultMode }],
  ['keys', DIND, 'keys in the broker', (m) => {
    broker(m).volumeMounts.push({ name: 'mayfly-keys', mountPath: '/etc/mayfly' })
  }],
  ['keys', PRODUCTION, 'keys of another Secret', (m) => { m.volume('mayfly-keys').secret.secretName = 'mayfly-keys' }],

  ['clusterAccess', DIND, 'a token', (m) => { delete m.pod.automountServiceAccountToken }],
  ['clusterAccess', DIND, 'variables of the Service', (m) => { delete m.pod.enableServiceLinks }],

  ['selectors', DIND, 'a Service without pods', (m) => { m.one('Service').spec.selector = { app: 'mayfly' } }],
  ['selectors', DIND, 'a policy without pods', (m) => { m.one('NetworkPolicy').spec.podSelector.matchLabels = { app: 'x' } }],
  ['selectors', DIND, 'a budget without pods', (m) => { m.one('PodDisruptionBudget').spec.selector.matchLabels = { app: 'x' } }],
  ['references', DIND, 'a Service to a port that is not there', (m) => { m.one('Service').spec.ports[0].targetPort = 'web' }],
  ['references', DIND, 'a policy for every port', (m) => { delete m.one('NetworkPolicy').spec.ingress[0].ports }],
  ['references', PRODUCTION, 'an Ingress to nowhere', (m) => {
    m.one('Ingress').spec.rules[0].http.paths[0].backend.service.name = 'front'
  }],
  ['references', PRODUCTION, 'a monitor of another port', (m) => { m.one('ServiceMonitor').spec.endpoints[0].port = 'web' }],
  ['references', DIND, 'an autoscaler of nothing', (m) => { m.one('HorizontalPodAutoscaler').spec.scaleTargetRef.name = 'x' }],
  ['network', DIND, 'a way out', (m) => { m.one('NetworkPolicy').spec.egress = [{}] }],
  ['network', DIND, 'only inwards', (m) => { m.one('NetworkPolicy').spec.policyTypes.pop() }],
  ['network', DIND, 'from everywhere', (m) => { delete m.one('NetworkPolicy').spec.ingress[0].from }],
  ['scaling', DIND, 'by CPU only', (m) => { m.one('HorizontalPodAutoscaler').spec.metrics.pop() }],
  ['scaling', DIND, 'a number of replicas', (m) => { m.workload.spec.replicas = 2 }],
  ['images', DIND, 'whatever is latest', (m) => { engine(m).image = 'docker:latest' }],
  ['images', DIND, 'no version', (m) => { front(m).image = 'mayfly' }],
  ['images', PRODUCTION, 'another version', (m) => { front(m).image = 'registry.example.com/mayfly:0.0.9' }],
  ['ingress', PRODUCTION, 'buffering', (m) => { annotate(m, 'proxy-buffering', 'on') }],
  ['ingress', PRODUCTION, 'impatience', (m) => { annotate(m, 'proxy-read-timeout', '60') }],
  ['ingress', PRODUCTION, 'small bodies', (m) => { annotate(m, 'proxy-body-size', '1m') }],
  ['ingress', PRODUCTION, 'programs run twice', (m) => { annotate(m, 'proxy-next-upstream', 'timeout non_idempotent') }],
  ['ingress', PRODUCTION, 'plain text', (m) => { delete m.one('Ingress').spec.tls }],
]

for (const [rule, name, what, change] of breaks) {
  test(`${rule} sees ${what} (${name})`, async () => {
    const manifest = fresh(name)
    change(manifest)
    const found = await breaches(manifest)
    assert.ok(found.some((breach) => breach.rule === rule), `${rule} is silent; heard: ${JSON.stringify(found)}`)
  })
}

test('every rule is seen to fail', () => {
  const broken = new Set(breaks.map(([rule]) => rule))
  assert.deepEqual(Object.keys(rules).filter((rule) => !broken.has(rule)), [])
})
