/* Words that are explained: what is marked with data-term shows its meaning under the pointer, and where it has the focus.
   Escape hides it. */

/** The word, explained. `quietly`: under the pointer alone, where the same word is explained by keyboard elsewhere. */
function term(word, text, quietly) {
  return element(quietly ? 'span' : 'button', {
    class: 'term', type: quietly ? null : 'button', 'data-term': data.meanings[word] ? word : null,
  }, text || word);
}

/** "several interpreters in one process, each with a GIL of its own": the first sentence of a world's meaning. */
function worldText(profile) {
  const meaning = (data.meanings[profile] || '').replace(/^A world: /, '');
  return meaning.slice(0, meaning.search(/[.;] |\.$/));
}

function showTerms() {
  const tip = byId('tip');
  const show = target => {
    const box = target.getBoundingClientRect();
    tip.textContent = data.meanings[target.dataset.term];
    tip.hidden = false;
    const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8));
    const below = box.bottom + 6 + tip.offsetHeight < window.innerHeight;
    tip.style.left = left + 'px';
    tip.style.top = (below ? box.bottom + 6 : Math.max(8, box.top - tip.offsetHeight - 6)) + 'px';
    target.setAttribute('aria-describedby', 'tip');
  };
  const hide = () => {
    tip.hidden = true;
    document.querySelectorAll('[aria-describedby="tip"]').forEach(each => each.removeAttribute('aria-describedby'));
  };
  for (const [start, end] of [['mouseover', 'mouseout'], ['focusin', 'focusout']]) {
    document.addEventListener(start, event => {
      const target = event.target.closest('[data-term]');
      if (target) {
        show(target);
      }
    });
    document.addEventListener(end, hide);
  }
  document.addEventListener('keydown', event => event.key === 'Escape' && hide());
  window.addEventListener('scroll', hide, { passive: true });
}
