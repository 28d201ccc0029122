/** Run inside a page: what a script can see that is wrong with how it looks. */
export function wrong() {
  const faults = []
  const small = []
  const called = (e) => `${e.tagName.toLowerCase()}${e.className && typeof e.className === 'string' ? '.' + e.className.trim().split(/\s+/).filter((c) => !c.startsWith('svelte-')).join('.') : ''}`
  const top = document.querySelector('dialog[open]') ?? document.body
  const shown = (e) => e.checkVisibility({ opacityProperty: false, visibilityProperty: true }) && !e.closest('.away') && e.getBoundingClientRect().width > 1

  const { scrollWidth } = document.scrollingElement
  if (scrollWidth > innerWidth) faults.push(`scrolls sideways: ${scrollWidth} in ${innerWidth} px`)

  // Letters that stand outside the window, or in something that cuts them off.
  const range = document.createRange()
  const walk = document.createTreeWalker(top, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const text = walk.currentNode
    if (!text.data.trim() || !shown(text.parentElement) || text.parentElement.closest('.skip, option')) continue
    range.selectNodeContents(text)
    for (const box of range.getClientRects()) if (box.width && (box.right > innerWidth + 1 || box.left < -1)) faults.push(`outside the window: ${called(text.parentElement)}`)
  }
  for (const e of top.querySelectorAll('*')) {
    if (!shown(e) || e.matches('input, select, textarea, svg, svg *, .skip')) continue
    const style = getComputedStyle(e)
    const cuts = (overflow) => overflow === 'hidden' || overflow === 'clip'
    if (cuts(style.overflowX) && e.scrollWidth > e.clientWidth + 1 && style.textOverflow !== 'ellipsis') faults.push(`cut off at the side: ${called(e)}`)
    if (cuts(style.overflowY) && e.scrollHeight > e.clientHeight + 1) faults.push(`cut off below: ${called(e)}`)
    // Words that stick out of a button, tag or row.
    if (getComputedStyle(e, '::after').position !== 'absolute' && e.matches('.btn, .tag, .row, .seg span, .chip span, .tabs a, .card, .banner') && e.scrollWidth > e.clientWidth + 1 && !cuts(style.overflowX)) faults.push(`sticks out: ${called(e)} in ${called(e.parentElement)}`)
  }

  // What a thumb must hit: the thing with what lies around it, or the label of a box. A link within a sentence is exempt.
  for (const e of top.querySelectorAll('a[href], button, input, select, textarea, summary')) {
    const target = e.matches('[type=radio], [type=checkbox]') ? e.closest('label') : e
    if (!shown(target) || e.matches('.skip')) continue
    const style = getComputedStyle(target)
    if (style.display === 'inline' && target.parentElement.matches('p')) continue
    const box = target.getBoundingClientRect()
    const around = getComputedStyle(target, '::after')
    const grown = around.content !== 'none' && around.position === 'absolute'
    const width = Math.max(box.width, grown ? parseFloat(around.width) : 0)
    const height = Math.max(box.height, grown ? parseFloat(around.height) : 0)
    const said = `${called(e)} ${Math.round(width)}×${Math.round(height)}`
    if (Math.min(width, height) < 24) faults.push(`too small to hit: ${said}`)
    else if (Math.min(width, height) < 47.5) small.push(`${called(e)} ${Math.round(Math.min(width, height))} px`)
  }
  return { faults: [...new Set(faults)], small: [...new Set(small)] }
}
