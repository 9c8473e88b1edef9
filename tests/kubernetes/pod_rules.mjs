// pod_rules.mjs - what must hold of the pod: each rule gives its breaches, as sentences.
import path from 'node:path'
import { mounts } from './manifests.mjs'
import * as source from './source.mjs'

const ENGINE_VOLUME = 'mayfly-engine'
const WIRE_VOLUME = 'mayfly-wire'
const USER_NAMESPACE_IDS = 65536
// What an engine may take to end, once its boxes are gone; and what dockerd and containerd need beside the boxes.
const ENGINE_STOP_MS = 10000
const ENGINE_OWN_BYTES = source.bytes('512Mi')
const FRONT_OWN_BYTES = source.bytes('96Mi')
const CONNECTION_BYTES = source.bytes('8Ki')

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)

// `list` of [breached, sentence]: the sentences of what is breached.
const breached = (list) => list.filter(([is]) => is).map(([, sentence]) => sentence)

const host = (manifest) => manifest.environment(manifest.container('broker')).DOCKER_HOST

// The profile "restricted" of the Pod Security Standards for one container, and a root that is read-only.
export function restricted(manifest) {
  const { pod } = manifest
  const rootIsAllowed = (name) => name !== 'front' && 'hostPath' in manifest.volume(ENGINE_VOLUME)
  return ['front', 'broker', 'runner-images'].flatMap((name) => {
    const container = manifest.container(name)
    const context = container.securityContext ?? {}
    const user = context.runAsUser ?? pod.securityContext?.runAsUser
    return breached([
      [context.privileged, 'is privileged'],
      [context.allowPrivilegeEscalation !== false, 'may gain privileges'],
      [!context.capabilities?.drop?.includes('ALL') || context.capabilities.add?.length, 'has capabilities'],
      [!['RuntimeDefault', 'Localhost'].includes(context.seccompProfile?.type), 'has no seccomp profile'],
      [context.appArmorProfile?.type === 'Unconfined', 'has AppArmor switched off'],
      [(context.procMount ?? 'Default') !== 'Default', 'has an unmasked /proc'],
      [!rootIsAllowed(name) && (!context.runAsNonRoot || !user), 'may be root'],
      [context.readOnlyRootFilesystem !== true, 'may write to its root'],
      [container.ports?.some(({ hostPort }) => hostPort), 'has a port of the node'],
      [pod.hostNetwork || pod.hostPID || pod.hostIPC || pod.shareProcessNamespace, 'shares a namespace'],
      [name === 'front' && (container.volumeMounts ?? []).some((mount) => manifest.volume(mount.name)?.hostPath),
        'has a folder of the node'],
    ]).map((what) => `${name} ${what}`)
  })
}

// The engine's socket is in a volume that engine, runner-images and broker mount, and no other container.
export function engineSocket(manifest) {
  const allowed = ['engine', 'runner-images', 'broker']
  const broker = manifest.container('broker')
  const [mount] = mounts(broker, ENGINE_VOLUME)
  const socket = host(manifest)?.replace(/^unix:\/\//, '')
  return [
    ...manifest.containers.filter((each) => !allowed.includes(each.name) && mounts(each, ENGINE_VOLUME).length)
      .map((each) => `${each.name} has the engine's socket`),
    ...manifest.pod.volumes.filter(({ name, hostPath }) => hostPath && name !== ENGINE_VOLUME)
      .map(({ name }) => `volume ${name} is a folder of the node`),
    ...breached([
      [!mount || (socket !== mount.mountPath && path.dirname(socket ?? '') !== mount.mountPath),
        `broker: DOCKER_HOST ${socket} is not in its volume of the engine's socket`],
    ]),
  ]
}

// Who may open the two sockets by user and group; door.c gives the wire socket to the broker's group, and to nobody's
// group where the broker is root.
export function socketRights(manifest) {
  const contextOf = (name) => manifest.container(name).securityContext ?? {}
  const [front, broker, images] = ['front', 'broker', 'runner-images'].map(contextOf)
  const option = manifest.container('engine')?.args?.find((arg) => arg.startsWith('--group='))
  const group = Number(option?.split('=')[1])
  const others = manifest.containers.filter(({ name }) => !['front', 'broker'].includes(name))
  return breached([
    [front.runAsGroup !== broker.runAsGroup, "front is not of the wire socket's group"],
    [front.runAsUser === broker.runAsUser, 'front and broker are one user'],
    [broker.runAsUser === 0 && broker.runAsGroup !== 65534, "broker is root, but not of nobody's group"],
    [broker.runAsUser !== 0 && broker.runAsGroup !== group, "broker is not of the engine's group"],
    [images.runAsUser !== 0 && images.runAsGroup !== group, "runner-images is not of the engine's group"],
    [mounts(manifest.container('front'), WIRE_VOLUME).some((mount) => !mount.readOnly),
      'front may change the folder of the wire socket'],
    [others.some((each) => mounts(each, WIRE_VOLUME).length), 'another container has the wire socket'],
    [![WIRE_VOLUME, ENGINE_VOLUME].every((name) => manifest.volume(name)), 'a volume of a socket is missing'],
  ])
}

// The entry point of docker:dind adds a TCP address when its first argument is not dockerd.
export function engineAddress(manifest) {
  const engine = manifest.container('engine')
  if (!engine) return []
  const args = engine.args ?? []
  const hosts = args.flatMap((arg, i) => /^(-H|--host)$/.test(arg) ? [args[i + 1]] : /^(?:-H|--host)=(.*)$/.exec(arg)?.[1] ?? [])
  return breached([
    [engine.command, 'engine: the entry point is replaced'],
    [args[0] !== 'dockerd', 'engine: the first argument is not dockerd, so it listens on TCP'],
    [hosts.length === 0 || hosts.some((each) => !each?.startsWith('unix:///')), 'engine: an address is not a Unix socket'],
    [hosts[0] !== host(manifest), "engine: it does not listen where the broker's DOCKER_HOST says"],
    [args.some((arg) => /^--(tls|config-file)/.test(arg)) || engine.env?.length, 'engine: settings from elsewhere'],
    [!args.includes('--bridge=none') || !args.includes('--iptables=false'), 'engine: it has a network'],
    [engine.ports?.length, 'engine: it has a port'],
  ])
}

// Each needs what starts before it, and stops before that.
export function order(manifest) {
  const wanted = ['engine', 'runner-images', 'broker', 'front'].filter((name) => manifest.container(name))
  const names = manifest.containers.map(({ name }) => name).filter((name) => wanted.includes(name))
  const isSidecar = (container) => container.restartPolicy === 'Always'
  return breached([
    [names.join() !== wanted.join(), `the containers start as ${names}, not as ${wanted}`],
    [!isSidecar(manifest.container('broker')), 'broker is no sidecar, and stops with the front'],
    [manifest.container('engine') && !isSidecar(manifest.container('engine')), 'engine is no sidecar'],
    [isSidecar(manifest.container('runner-images')), 'runner-images does not end'],
    [['engine', 'broker'].some((name) => manifest.container(name) && !manifest.container(name).startupProbe),
      'what comes behind a sidecar does not wait for it: it has no startupProbe'],
  ])
}

// The pod must live as long as its parts need one after the other to stop.
export function gracePeriod(manifest) {
  const front = manifest.container('front')
  const environment = manifest.environment(front)
  const preStop = front.lifecycle?.preStop?.sleep?.seconds
  const isServed = manifest.all('Service').length > 0
  const needs = sum([(preStop ?? 0) * 1000, source.drainMs(environment), source.removalMs, ENGINE_STOP_MS])
  const has = (manifest.pod.terminationGracePeriodSeconds ?? 30) * 1000
  return breached([
    [has < needs, `terminationGracePeriodSeconds is ${has / 1000}, and stopping may take ${needs / 1000}`],
    [isServed && !preStop, 'front stops while the Service still sends it requests: it has no preStop'],
  ])
}

export function settingNames(manifest) {
  const names = manifest.containers.flatMap((container) => Object.keys(manifest.environment(container)))
  const ours = [...new Set(names.filter((name) => /^(MAYFLY|DOCKER)_/.test(name)))]
  return ours.filter((name) => !source.settings.has(name)).map((name) => `there is no setting ${name}`)
}

export function memory(manifest) {
  const limit = (name) => source.bytes(manifest.container(name).resources?.limits?.memory ?? '0')
  const environment = manifest.environment(manifest.container('broker'))
  const boxes = Number(setting('MAYFLY_MAX_BOXES')) * source.bytes(setting('MAYFLY_MEMORY_BYTES'))
  const pending = source.bytes(setting('MAYFLY_MAX_PENDING_BYTES'))
  // deploy/docs/memory.md
  const held = sum([FRONT_OWN_BYTES, 3 * source.bytes(setting('MAYFLY_MAX_BODY_BYTES')), pending,
    source.bytes(setting('MAYFLY_MAX_UNREAD_BYTES')), source.bytes(setting('MAYFLY_EXECUTIONS_BYTES')),
    CONNECTION_BYTES * Number(setting('MAYFLY_MAX_CONNECTIONS'))])
  function setting(name) {
    return source.setting(environment, name) ?? '0'
  }
  return breached([
    [!environment.MAYFLY_MAX_BOXES || !environment.MAYFLY_WARM, 'the boxes are counted by the cores of the node'],
    [manifest.container('engine') && limit('engine') < boxes + ENGINE_OWN_BYTES,
      'the engine has less memory than all boxes together'],
    [limit('front') < held, 'front has less memory than what it may hold'],
    [limit('broker') < 2 * pending, 'broker has less memory than the bodies that it may hold'],
  ])
}

// A pod in a user namespace has few ids, and boxes have theirs from among them.
export function userNamespace(manifest) {
  if (manifest.pod.hostUsers !== false) return []
  const environment = manifest.environment(manifest.container('broker'))
  const [base, blocks] = ['MAYFLY_UID_BASE', 'MAYFLY_UID_BLOCKS'].map((name) => Number(source.setting(environment, name)))
  const last = base + blocks * source.uidBlockSize
  return breached([
    [last > USER_NAMESPACE_IDS, `boxes have ids up to ${last}, a user namespace has ${USER_NAMESPACE_IDS}`],
    [manifest.container('engine').securityContext?.privileged, 'engine is privileged in spite of its user namespace'],
  ])
}

// The kubelet asks at the pod's address; alive must not mean that the engine is well.
export function probes(manifest) {
  const front = manifest.container('front')
  const [, address, port] = /^(.*):(\d+)$/.exec(source.setting(manifest.environment(front), 'MAYFLY_LISTEN'))
  const isLocal = /^(127\.|\[::1\]|localhost)/.test(address)
  const { startupProbe, livenessProbe, readinessProbe } = front
  const asked = [startupProbe, livenessProbe, readinessProbe].filter((probe) => probe?.httpGet)
  const number = (name) => front.ports?.find((each) => each.name === name)?.containerPort
  return breached([
    [isLocal && asked.length, 'front listens on loopback, where the kubelet cannot ask it'],
    [asked.some(({ httpGet }) => number(httpGet.port) !== Number(port)), 'front is asked at another port than it listens on'],
    [livenessProbe && livenessProbe.httpGet?.path !== '/livez', 'front is alive by something else than /livez'],
    [!isLocal && !livenessProbe, 'front has no livenessProbe'],
    [!isLocal && readinessProbe?.httpGet?.path !== '/readyz', 'front is ready by something else than /readyz'],
    [!startupProbe, 'front has no startupProbe'],
    [manifest.container('broker').livenessProbe?.exec?.command?.join(' ') !== '/usr/bin/mayfly health --broker',
      'broker is not asked whether it lives'],
  ])
}

// Keys where others than the pod may call, in a Secret that only the front has; or MAYFLY_AUTH says that there are none.
export function keys(manifest) {
  const front = manifest.container('front')
  const environment = manifest.environment(front)
  const { MAYFLY_KEYS_FILE: file, MAYFLY_AUTH: auth } = environment
  const isLocal = source.setting(environment, 'MAYFLY_LISTEN').startsWith('127.')
  const mount = front.volumeMounts.find(({ mountPath }) => file && mountPath === path.dirname(file))
  const secret = mount && manifest.volume(mount.name)?.secret
  const holders = manifest.containers.filter((each) => mount && mounts(each, mount.name).length)
  const generated = manifest.all('Secret').map(({ metadata }) => metadata.name)
  return breached([
    [!isLocal && !file && auth !== 'none', 'front asks for no keys, and MAYFLY_AUTH does not say so'],
    [file && auth === 'none', 'front has keys, and MAYFLY_AUTH=none beside them'],
    [file && (!mount?.readOnly || mount.subPath || !secret), 'the file of keys is not in the folder of a Secret'],
    [secret && secret.defaultMode !== 0o444, 'the front, which is not root, cannot read the file of keys'],
    [secret && generated.length && !generated.includes(secret.secretName), 'the keys are in another Secret'],
    [holders.length > 1, 'another container has the keys'],
  ])
}

export function clusterAccess(manifest) {
  const isServed = manifest.all('Service').length > 0
  return breached([
    [manifest.pod.automountServiceAccountToken !== false, 'the pod has a token of the cluster'],
    [isServed && manifest.pod.enableServiceLinks !== false, 'the Service sets MAYFLY_ variables that are no settings'],
  ])
}
