/* The modules: what each claims, and what the code says to it. */

function claimsText(module) {
  const claims = Object.entries(module.claims).map(([name, value]) => name + ': ' + value);
  return claims.length === 0 ? 'nothing' : claims.join(', ');
}

/** "unsafe", with a link to the objects against it. */
function verifiedCell(module, profile) {
  const verified = module.verified[profile];
  if (!verified) {
    return '';
  }
  const mark = element('span', { class: verified.word === 'unsafe' ? 'risk high' : 'claim', title: verified.meaning },
    verified.word);
  if (verified.objects.length === 0) {
    return mark;
  }
  const link = element('a', { href: addressOf({ ...initialState, profile, module: module.name, risk: '0', allowed: 'yes' }) },
    countText(verified.objects.length, 'object') + ' against it');
  return element('span', {}, mark, ' (', link, ')');
}

function showModules() {
  leadToTable(byId('module-rows'));
  byId('modules').hidden = data.modules.length === 0;
  byId('module-head').append(tableRow(['Module', 'Defined in', 'Initialisation', 'Claims', ...data.profiles], 'col'));
  byId('module-rows').append(...data.modules.map(module => tableRow([
    module.name, placeText(module.place), module.init + (module.binding ? ' (' + module.binding + ')' : ''),
    claimsText(module), ...data.profiles.map(profile => verifiedCell(module, profile))], 'row')));
}

/** The entries against the claims of the modules of this name, and the findings about them. */
function entriesAgainst(name) {
  const modules = data.modules.filter(module => module.name === name);
  const subjects = new Set(modules.map(module => module.place[0] + ':' + name));
  const entries = new Set(data.entries.filter(entry => entry.what === 'finding' && subjects.has(entry.name)));
  for (const module of modules) {
    for (const verified of Object.values(module.verified)) {
      verified.objects.forEach(number => entries.add(data.entries[number]));
    }
  }
  return entries;
}
