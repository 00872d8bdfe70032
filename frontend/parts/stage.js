// The scene: the part on its plate, a light at the camera's shoulder, a section plane, marked triangles, a measured line. Drawn only when
// something has changed.
import {
  BufferAttribute, BufferGeometry, DoubleSide, Group, LineBasicMaterial, LineSegments, Matrix4, Mesh, MeshBasicMaterial, PerspectiveCamera,
  Plane, Points, PointsMaterial, Raycaster, Scene, ShaderMaterial, Spherical, Vector2, Vector3, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { MeshBVH } from "three-mesh-bvh";
import { edgesOf, normalsOf } from "./surface.js";

/** More than this many pixels of the screen for one of the page cost more than they show. */
const FINEST = 2;
const TURN = Math.PI / 18;
const NEARER = 0.85;
const FLIGHT = 450;
/** What no heat map shows: the triangles of the chosen mark. */
const CHOSEN = 0xb000b0;

const VERTEX = `
attribute vec4 tint; varying vec3 vTint; varying vec3 vView;
#include <clipping_planes_pars_vertex>
void main() {
  vec4 mvPosition = modelViewMatrix * vec4(position, 1.0);
  vTint = tint.rgb; vView = mvPosition.xyz;
  gl_Position = projectionMatrix * mvPosition;
  #include <clipping_planes_vertex>
}`;
// Colour times one number from 0.7 to 1: shape is seen, and the colour stays the one of the legend. Where the part is cut open, the first
// thing seen through the plane is an inside: hatched, it looks like the cut itself.
const FRAGMENT = `
varying vec3 vTint; varying vec3 vView; uniform bool open; uniform float pitch;
#include <clipping_planes_pars_fragment>
void main() {
  #include <clipping_planes_fragment>
  if (!gl_FrontFacing && open) {
    float stripe = step(0.5, fract((gl_FragCoord.x + gl_FragCoord.y) / pitch));
    gl_FragColor = vec4(mix(vec3(0.36, 0.40, 0.46), vec3(0.56, 0.61, 0.68), stripe), 1.0);
    return;
  }
  vec3 normal = normalize(cross(dFdx(vView), dFdy(vView)));
  float light = 0.7 + 0.3 * max(dot(normal, normalize(vec3(-0.3, 0.45, 0.84))), 0.0);
  gl_FragColor = vec4((gl_FrontFacing ? vTint : vec3(0.5)) * light, 1.0);
}`;

export class Stage {
  /** `redrawn()` is called after each drawing, to move what lies over the picture. */
  constructor(canvas, picture, redrawn) {
    this.canvas = canvas;
    this.picture = picture;
    this.redrawn = redrawn;
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true, failIfMajorPerformanceCaveat: false });
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio || 1, FINEST));
    this.renderer.localClippingEnabled = true;
    this.scene = new Scene();
    this.camera = new PerspectiveCamera(32, 1, 0.1, 1000);
    this.camera.up.set(0, 0, 1);
    this.radius = Math.hypot(...picture.size) / 2 || 1;
    this.planes = [];
    this.part = new Group();
    this.part.matrixAutoUpdate = false;
    this.scene.add(this.part);
    this.#addSurface();
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enablePan = false;
    this.controls.zoomSpeed = 1.5;
    this.controls.minDistance = this.radius * 0.1;
    this.controls.maxDistance = this.radius * 12;
    this.controls.addEventListener("change", () => this.draw());
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  #addSurface() {
    const { vertices, faces } = this.picture.arrays;
    const count = faces.length / 3;
    this.normals = normalsOf(vertices, faces);
    const corners = new Float32Array(faces.length * 3);
    for (let at = 0; at < faces.length; at++) corners.set(vertices.subarray(faces[at] * 3, faces[at] * 3 + 3), at * 3);
    const drawn = new BufferGeometry();
    drawn.setAttribute("position", new BufferAttribute(corners, 3));
    this.tint = new BufferAttribute(new Uint8Array(count * 12), 4, true);
    drawn.setAttribute("tint", this.tint);
    this.material = new ShaderMaterial({
      vertexShader: VERTEX, fragmentShader: FRAGMENT, side: DoubleSide, clipping: true, clippingPlanes: this.planes,
      uniforms: { open: { value: false }, pitch: { value: 8 * this.renderer.getPixelRatio() } },
      polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 1,
    });
    this.surface = new Mesh(drawn, this.material);
    this.part.add(this.surface);
    const pairs = edgesOf(faces, this.normals, vertices.length / 3);
    this.edges = pairs;
    const lines = new BufferGeometry();
    const ends = new Float32Array(pairs.length * 3);
    pairs.forEach((vertex, at) => ends.set(vertices.subarray(vertex * 3, vertex * 3 + 3), at * 3));
    lines.setAttribute("position", new BufferAttribute(ends, 3));
    this.part.add(new LineSegments(lines, new LineBasicMaterial({ color: 0x1c2733, transparent: true, opacity: 0.55, clippingPlanes: this.planes })));
    const solid = new BufferGeometry();
    solid.setAttribute("position", new BufferAttribute(vertices, 3));
    solid.setIndex(new BufferAttribute(faces, 1));
    this.tree = new MeshBVH(solid, { indirect: true, targetLeafSize: 12 });
    this.ray = new Raycaster();
  }

  /** Lay the part: `rotation` nine numbers by rows (v' = R v), on the plate z = 0, in its middle. */
  lay(rotation) {
    const [a, b, c, d, e, f, g, h, i] = rotation;
    const turn = new Matrix4().set(a, b, c, 0, d, e, f, 0, g, h, i, 0, 0, 0, 0, 1);
    const { vertices } = this.picture.arrays;
    const [low, high, point] = [new Vector3(Infinity, Infinity, Infinity), new Vector3(-Infinity, -Infinity, -Infinity), new Vector3()];
    for (let at = 0; at < vertices.length; at += 3) {
      point.fromArray(vertices, at).applyMatrix4(turn);
      low.min(point);
      high.max(point);
    }
    this.part.matrix.copy(turn).premultiply(new Matrix4().makeTranslation(-(low.x + high.x) / 2, -(low.y + high.y) / 2, -low.z));
    this.part.updateMatrixWorld(true);
    this.size = high.clone().sub(low);
    this.#addAxes();
    this.reset();
  }

  /** Draw length, width and height along the part's box; letters stand at their ends. */
  #addAxes() {
    const { x, y, z } = this.size;
    const beyond = this.radius * 0.08;
    const corner = [-x / 2, -y / 2, 0];
    this.ends = [[x / 2 + beyond, -y / 2, 0], [-x / 2, y / 2 + beyond, 0], [-x / 2, -y / 2, z + beyond]];
    if (this.axes) this.scene.remove(this.axes);
    const shape = new BufferGeometry();
    shape.setAttribute("position", new BufferAttribute(new Float32Array(this.ends.flatMap((end) => [...corner, ...end])), 3));
    this.axes = new LineSegments(shape, new LineBasicMaterial({ transparent: true, opacity: 0.7 }));
    this.scene.add(this.axes);
    this.restyle();
  }

  /** Show the machine's plate and room, `sides` in mm; its colour is the page's. */
  plate(sides) {
    if (this.room) this.scene.remove(this.room);
    const [x, y, z] = sides.map((side) => side / 2);
    const ends = [];
    const line = (...six) => ends.push(...six);
    for (let at = -Math.floor(x / 10) * 10; at <= x; at += 10) line(at, -y, 0, at, y, 0);
    for (let at = -Math.floor(y / 10) * 10; at <= y; at += 10) line(-x, at, 0, x, at, 0);
    const corners = [[-x, -y], [x, -y], [x, y], [-x, y]];
    corners.forEach(([px, py], at) => {
      const [qx, qy] = corners[(at + 1) % 4];
      line(px, py, 0, qx, qy, 0, px, py, 2 * z, qx, qy, 2 * z, px, py, 0, px, py, 2 * z);
    });
    const room = new BufferGeometry();
    room.setAttribute("position", new BufferAttribute(new Float32Array(ends), 3));
    this.room = new LineSegments(room, new LineBasicMaterial({ transparent: true, opacity: 0.28 }));
    this.room.position.z = -this.radius * 0.002;
    this.sides = sides;
    this.scene.add(this.room);
    this.restyle();
  }

  /** Take the page's colours, light or dark, for lines beside the part. */
  restyle() {
    const { color } = getComputedStyle(this.canvas.parentElement);
    for (const lines of [this.room, this.axes]) lines?.material.color.set(color);
    this.draw();
  }

  /** Fit the drawing to its place on the page. */
  resize() {
    const { clientWidth, clientHeight } = this.canvas.parentElement;
    if (!clientWidth || !clientHeight) return;
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio || 1, FINEST));
    this.renderer.setSize(clientWidth, clientHeight, true);
    this.material.uniforms.pitch.value = 8 * this.renderer.getPixelRatio();
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  /** Ask for one drawing with the next picture of the screen. */
  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.drawNow();
      this.redrawn();
    });
  }

  drawNow() {
    const distance = this.camera.position.distanceTo(this.controls?.target ?? this.part.position);
    const reach = Math.max(this.radius * 4, ...(this.sides ?? [0])) * 1.5;
    this.camera.near = Math.max(distance - reach, distance / 200);
    this.camera.far = distance + reach;
    this.camera.updateProjectionMatrix();
    this.renderer.render(this.scene, this.camera);
  }

  /** Colour the surface anew: `write(bytes, triangles)` fills four bytes a corner. */
  colour(write) {
    write(this.tint.array, this.tint.count / 3);
    this.tint.needsUpdate = true;
    this.draw();
  }

  /** Look at the whole part from the front, a little from above and the side. */
  reset() {
    const middle = new Vector3(0, 0, this.size.z / 2);
    const away = (this.radius * 0.95) / Math.sin((this.camera.fov * Math.PI) / 360) / Math.min(1, this.camera.aspect || 1);
    this.#look(middle, new Vector3(0.5, -0.75, 0.45).normalize().multiplyScalar(away));
  }

  #look(target, offset) {
    cancelAnimationFrame(this.flight);
    this.controls.target.copy(target);
    this.camera.position.copy(target).add(offset);
    this.controls.update();
    this.draw();
  }

  /** Turn or zoom by one step: left, right, up, down, in, out, reset. */
  move(way) {
    if (way === "reset") return this.reset();
    const { target } = this.controls;
    // a Spherical measures from y: turn z up to y up and back
    const offset = this.camera.position.clone().sub(target);
    const around = new Spherical().setFromVector3(new Vector3(offset.x, offset.z, -offset.y));
    if (way === "left" || way === "right") around.theta += way === "left" ? TURN : -TURN;
    if (way === "up" || way === "down") around.phi += way === "up" ? TURN : -TURN;
    if (way === "in" || way === "out") around.radius *= way === "in" ? NEARER : 1 / NEARER;
    around.makeSafe();
    around.radius = Math.min(Math.max(around.radius, this.controls.minDistance), this.controls.maxDistance);
    const turned = new Vector3().setFromSpherical(around);
    this.#look(target.clone(), new Vector3(turned.x, -turned.z, turned.y));
  }

  /** Cut the part open at a share 0 to 1 of its size along "x", "y" or "z" of the plate; "" closes it. Returns the height in mm. */
  cut(axis, share) {
    this.planes.length = 0;
    let at = 0;
    if (axis) {
      const side = this.size[axis];
      const low = axis === "z" ? 0 : -side / 2;
      at = side * share;
      // what lies towards the camera's first place is taken away
      const away = axis === "y" ? 1 : -1;
      const normal = new Vector3();
      normal[axis] = away;
      this.planes.push(new Plane(normal, -away * (low + at)));
    }
    this.material.uniforms.open.value = Boolean(axis);
    this.part.traverse((one) => one.material && (one.material.needsUpdate = true));
    this.draw();
    return at;
  }

  /** Mark triangles so that they are seen, also faintly through the part; none for an empty list. */
  mark(triangles) {
    for (const one of this.marked ?? []) {
      this.part.remove(one);
      one.geometry.dispose();
      one.material.dispose();
    }
    this.marked = [];
    if (triangles.length) {
      const { vertices, faces } = this.picture.arrays;
      const corners = new Float32Array(triangles.length * 9);
      triangles.forEach((face, at) => {
        for (let corner = 0; corner < 3; corner++) {
          const vertex = faces[face * 3 + corner] * 3;
          corners.set(vertices.subarray(vertex, vertex + 3), at * 9 + corner * 3);
        }
      });
      const shape = new BufferGeometry();
      shape.setAttribute("position", new BufferAttribute(corners, 3));
      const common = { color: CHOSEN, side: DoubleSide, clippingPlanes: this.planes };
      const near = new Mesh(shape, new MeshBasicMaterial({ ...common, depthFunc: 3 }));
      const through = new Mesh(shape, new MeshBasicMaterial({ ...common, depthTest: false, transparent: true, opacity: 0.45 }));
      through.renderOrder = 2;
      this.marked = [near, through];
      this.part.add(near, through);
    }
    this.draw();
  }

  /** Return the marked triangles as they stand in the scene, three places each, in mm of the part (the file's coordinates less the origin). */
  markedTriangles() {
    const corners = this.marked?.[0]?.geometry.getAttribute("position");
    if (!corners) return [];
    const back = this.part.matrixWorld.clone().invert().multiply(this.marked[0].matrixWorld);
    const places = [];
    for (let at = 0; at < corners.count; at++) places.push(new Vector3().fromBufferAttribute(corners, at).applyMatrix4(back).toArray());
    return Array.from({ length: places.length / 3 }, (_, face) => places.slice(face * 3, face * 3 + 3));
  }

  /** Return where a point of the part (three numbers) is seen: x, y in pixels of the page, whether something lies before it. */
  project(place) {
    const point = new Vector3(...place).applyMatrix4(this.part.matrixWorld);
    const seen = point.clone().project(this.camera);
    const { clientWidth, clientHeight } = this.canvas;
    return { x: ((seen.x + 1) / 2) * clientWidth, y: ((1 - seen.y) / 2) * clientHeight, front: seen.z < 1, point };
  }

  /** Tell whether a place of the plate's room lies in the half that is cut away. */
  cutAway(point) {
    return this.planes.some((plane) => plane.distanceToPoint(point) < 0);
  }

  /** Tell whether a point is hidden behind the part, seen from `from` (the camera if not given); its own triangles do not hide it. */
  hidden(point, own = null, from = this.camera.position) {
    if (this.cutAway(point)) return true;
    const way = point.clone().sub(from);
    const hit = this.#hit(from, way.clone().normalize());
    return Boolean(hit) && hit.distance < way.length() - this.radius * 0.01 && !own?.has(hit.faceIndex);
  }

  /** Return the triangle and the point of the part under a place of the canvas in pixels, null if there is none. */
  at(x, y) {
    const { clientWidth, clientHeight } = this.canvas;
    this.camera.updateMatrixWorld();
    this.ray.setFromCamera(new Vector2((x / clientWidth) * 2 - 1, 1 - (y / clientHeight) * 2), this.camera);
    const hit = this.#hit(this.ray.ray.origin, this.ray.ray.direction);
    return hit && { face: hit.faceIndex, place: this.part.worldToLocal(hit.point.clone()), distance: hit.distance };
  }

  #hit(from, way) {
    const back = this.part.matrixWorld.clone().invert();
    const ray = this.ray.ray.clone().set(from, way).applyMatrix4(back);
    const hits = this.planes.length ? this.tree.raycast(ray, DoubleSide) : [this.tree.raycastFirst(ray, DoubleSide)];
    const seen = hits.filter(Boolean).map((hit) => ({ ...hit, point: this.part.localToWorld(hit.point.clone()) }))
      .filter((hit) => this.planes.every((plane) => plane.distanceToPoint(hit.point) >= 0));
    return seen.sort((one, other) => one.distance - other.distance)[0] ?? null;
  }

  /** Fly to a place of the part so that its surroundings are seen; at once where motion is not wanted. */
  fly(place, triangles, spread) {
    const point = new Vector3(...place).applyMatrix4(this.part.matrixWorld);
    const distance = Math.max(spread * 2.5, this.radius * 0.5) / Math.tan((this.camera.fov * Math.PI) / 360);
    const ways = this.#ways(triangles);
    const own = new Set(triangles);
    const seen = ways.find((way) => !this.hidden(point, own, point.clone().addScaledVector(way, distance))) ?? ways[0];
    const offset = seen.clone().multiplyScalar(Math.min(distance, this.controls.maxDistance));
    if (this.calm.matches) return this.#look(point, offset);
    const begin = performance.now();
    const [from, start] = [this.controls.target.clone(), this.camera.position.clone().sub(this.controls.target)];
    const step = (now) => {
      const share = Math.min((now - begin) / FLIGHT, 1);
      const eased = share * share * (3 - 2 * share);
      const between = start.clone().lerp(offset, eased).setLength(start.length() + (offset.length() - start.length()) * eased);
      this.#look(from.clone().lerp(point, eased), between);
      if (share < 1) this.flight = requestAnimationFrame(step);
    };
    cancelAnimationFrame(this.flight);
    this.flight = requestAnimationFrame(step);
  }

  /** Return directions to look from: along the mean normal of the triangles, then slanted all around. */
  #ways(triangles) {
    const mean = new Vector3();
    for (const face of triangles) mean.add(new Vector3().fromArray(this.normals, face * 3));
    const ways = [];
    if (mean.length() > 0.2 * triangles.length) ways.push(mean.transformDirection(this.part.matrixWorld));
    for (const high of [0.5, -0.5, 1.5, -1.5]) {
      for (let turn = 0; turn < 8; turn++) {
        const angle = -0.98 + (turn * Math.PI) / 4;
        ways.push(new Vector3(Math.cos(angle), Math.sin(angle), high).normalize());
      }
    }
    // straight from above or below the orbit has no heading
    return ways.map((way) => (Math.abs(way.z) > 0.98 ? way.add(new Vector3(0.05, -0.15, 0)).normalize() : way));
  }

  /** Show measured points of the part, and a line between two. */
  line(places) {
    for (const one of this.measured ?? []) {
      this.part.remove(one);
      one.geometry.dispose();
    }
    this.measured = [];
    if (places.length) {
      const shape = new BufferGeometry();
      shape.setAttribute("position", new BufferAttribute(new Float32Array(places.flat()), 3));
      const ends = new Points(shape, new PointsMaterial({ color: 0x0b3d91, size: 9 * this.renderer.getPixelRatio(), sizeAttenuation: false, depthTest: false, transparent: true }));
      const line = new LineSegments(shape, new LineBasicMaterial({ color: 0x0b3d91, depthTest: false, transparent: true }));
      ends.renderOrder = line.renderOrder = 3;
      this.measured = places.length > 1 ? [ends, line] : [ends];
      this.part.add(...this.measured);
    }
    this.draw();
  }

  /** Return the corner of a drawn edge within `near` pixels of a place on the canvas that is in sight, or null: measures begin at edges. */
  edgeAt(x, y, hit, near) {
    const { vertices } = this.picture.arrays;
    // pixels at the hit's distance in mm
    const scale = (2 * hit.distance * Math.tan((this.camera.fov * Math.PI) / 360)) / this.canvas.clientHeight;
    let best = null;
    let least = near * scale;
    for (const vertex of this.edges) {
      const at = vertex * 3;
      const away = Math.hypot(vertices[at] - hit.place.x, vertices[at + 1] - hit.place.y, vertices[at + 2] - hit.place.z);
      if (away < least) [best, least] = [vertex, away];
    }
    return best === null ? null : [...vertices.subarray(best * 3, best * 3 + 3)];
  }

  /** Return the colour [red, green, blue] drawn at a place of the canvas in pixels. */
  colourAt(x, y) {
    if (!this.drawn) {
      this.drawNow();
      // what was drawn can be read until this task ends
      this.drawn = true;
      queueMicrotask(() => (this.drawn = false));
    }
    const gl = this.renderer.getContext();
    const ratio = this.renderer.getPixelRatio();
    const pixel = new Uint8Array(4);
    gl.readPixels(Math.floor(x * ratio), Math.floor(gl.drawingBufferHeight - 1 - y * ratio), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return [...pixel.subarray(0, 3)];
  }
}
