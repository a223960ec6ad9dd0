/* The tree as areas: one for each file, within its folders. */

const unreadFiles = new Map(data.notAnalysed.map(each => [each.file, each.status === 'partial' ? 'part' : 'unread']));

/** The tree below `path` (a folder, ending in "/", or empty), with a count and the highest risk of each file. A file that
    was not read counts as one. */
function treeOf(path) {
  const root = { name: path || data.project, path, children: new Map() };
  const add = (file, risk) => {
    const parts = file.slice(path.length).split('/');
    let node = root;
    parts.forEach((part, i) => {
      const isFile = i === parts.length - 1;
      const key = isFile ? part : part + '/';
      if (!node.children.has(key)) {
        node.children.set(key, {
          name: key, path: node.path + key, count: 0, worst: 0, children: isFile ? null : new Map(),
        });
      }
      node = node.children.get(key);
      ++node.count;
      node.worst = Math.max(node.worst, risk);
    });
  };
  for (const entry of data.entries) {
    const file = entry.place[0];
    if (riskOf(entry) > 0 && !entry.allowed && file.startsWith(path) && unreadFiles.get(file) !== 'unread') {
      add(file, riskOf(entry));
    }
  }
  for (const file of unreadFiles.keys()) {
    if (file.startsWith(path)) {
      add(file, 0);
    }
  }
  return root;
}

/** The folder that the path filter names: a file's own folder for a file. */
function folderOf(path) {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function areaText(node) {
  const unread = unreadFiles.get(node.path);
  if (unread === 'unread') {
    return node.path + ': not read';
  }
  return node.path + (unread ? ': read in part' : '') + ': ' + node.count + ' with risk, ' + riskNames[node.worst] + ' at most';
}

function drawTreemap() {
  const container = byId('treemap');
  const root = treeOf(folderOf(state.path));
  const width = container.clientWidth;
  const height = container.clientHeight;
  const nodes = root.children.size === 0 ? [] : d3.layout.treemap()
    .size([width, height])
    .children(node => node.children && [...node.children.values()])
    .value(node => node.count)
    .padding(node => (node.depth === 0 ? 0 : node.dx > 40 && node.dy > 34 ? [18, 2, 2, 2] : 1))
    .nodes(root)
    .filter(node => node !== root && node.dx >= 3 && node.dy >= 3);
  const areas = d3.select(container).html('').selectAll('a').data(nodes).enter().append('a')
    .attr('class', node => ['area', node.children ? 'folder' : riskNames[node.worst], unreadFiles.get(node.path)].join(' '))
    .attr('href', node => addressOf({ profile: state.profile, path: node.path }))
    .attr('data-path', node => node.path)
    .attr('title', areaText)
    .attr('aria-label', areaText)
    .attr('tabindex', (node, i) => (i === 0 ? 0 : -1))
    .style({
      left: node => node.x + 'px', top: node => node.y + 'px',
      width: node => node.dx + 'px', height: node => node.dy + 'px',
    });
  areas.filter(node => node.dx > 40 && node.dy > 16).append('span').text(node => node.name);
  if (nodes.length === 0) {
    container.append(element('p', {}, 'Nothing here has a risk under ' + state.profile + '.'));
  }
}

/** "tree / Modules / _io": each folder a link. */
function drawTreemapPath() {
  const folder = folderOf(state.path);
  const link = (path, text) => element('a', { href: addressOf({ profile: state.profile, path }), 'data-path': path }, text);
  const parts = [link('', data.project)];
  let path = '';
  for (const name of folder.split('/').slice(0, -1)) {
    path += name + '/';
    parts.push(' / ', link(path, name));
  }
  byId('treemap-path').replaceChildren('Shown: ', ...parts);
}

function showTreemap() {
  let drawn = '';
  const states = [...unreadFiles.values()];
  byId('legend-unread').hidden = !states.includes('unread');
  byId('legend-part').hidden = !states.includes('part');
  const files = new Set(data.entries.filter(entry => d3.max(entry.risk) > 0).map(entry => entry.place[0]));
  byId('treemap').style.height = Math.min(26, 6 + 2.5 * (files.size + states.length)) + 'rem';
  const redraw = () => {
    const wanted = [state.profile, folderOf(state.path), byId('treemap').clientWidth].join('\n');
    if (wanted !== drawn) {
      drawn = wanted;
      drawTreemap();
      drawTreemapPath();
    }
  };
  viewers.push(redraw);
  window.addEventListener('resize', redraw);
  for (const id of ['treemap', 'treemap-path']) {
    followInPlace(byId(id), link => {
      if (!link.dataset.path.endsWith('/') && link.dataset.path !== '') {
        goTo(byId('table-title'));
      }
      return { path: link.dataset.path, show: '' };
    });
  }
  moveByArrows(byId('treemap'), 'a', { back: ['ArrowLeft', 'ArrowUp'], forth: ['ArrowRight', 'ArrowDown'] });
}
