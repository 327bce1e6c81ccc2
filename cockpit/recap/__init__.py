"""How a figure travels from a fill to a sentence.

1. `facts.daily_facts` computes typed facts from the journal: an id, a value, a unit, a
   shown text and the executions it rests on. Nothing later computes a figure again.
2. A writer (`ports.writer`) gets the facts by id and returns prose with `{{fact:net}}`
   slots. It never types a figure.
3. `check.objections_to` refuses digits and number words outside slots, unknown slots,
   missing required facts, and words of direction that no slot beside them bears out.
   One round of repair, then the template writer takes over (`desk.RecapDesk`).
4. `render.filled` puts each fact's shown text into its slot. The recap is stored with
   the facts it was filled from.
5. `export` writes it as Markdown or one HTML file. The trades table comes from the same
   stored facts; `figures.figures_of` gives every figure a recap may show.
"""
