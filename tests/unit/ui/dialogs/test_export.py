from cockpit.app.recapping.room import Export
from cockpit.ui.dialogs.export import ExportDialog
from cockpit.ui.theme import Theme


def export_dialog(qtbot, folder) -> ExportDialog:
    dialog = ExportDialog(Theme(), None, "2018-01-02", folder)
    qtbot.addWidget(dialog)
    return dialog


def test_the_choice_follows_the_fields(qtbot, tmp_path):
    dialog = export_dialog(qtbot, tmp_path)
    assert dialog.choice == Export(fmt="md", path=tmp_path / "recap-2018-01-02.md")
    for index, fmt in enumerate(("md", "html", "pdf", "csv")):
        dialog.format.setCurrentIndex(index)
        assert dialog.choice == Export(fmt=fmt, path=tmp_path / f"recap-2018-01-02.{fmt}")


def test_notes_and_privacy_are_asked_for(qtbot, tmp_path):
    dialog = export_dialog(qtbot, tmp_path)
    assert not dialog.choice.with_notes
    assert not dialog.choice.private
    dialog.private.setChecked(True)
    dialog.notes.setChecked(True)
    assert dialog.choice.private
    assert dialog.choice.with_notes


def test_an_existing_file_is_said_before_it_is_replaced(qtbot, tmp_path):
    (tmp_path / "recap-2018-01-02.md").write_text("mine", encoding="utf-8")
    dialog = export_dialog(qtbot, tmp_path)
    assert dialog.go.text() == "Replace file"
    assert "will be replaced" in dialog.note.text()
    assert dialog.choice.overwrite
    dialog.path.setText(str(tmp_path / "other.md"))
    assert dialog.go.text() == "Export"
    assert not dialog.choice.overwrite


def test_a_file_that_came_since_is_not_replaced(qtbot, tmp_path):
    dialog = export_dialog(qtbot, tmp_path)
    (tmp_path / "recap-2018-01-02.md").write_text("mine", encoding="utf-8")
    assert dialog.go.text() == "Export"
    assert not dialog.choice.overwrite


def test_a_place_that_does_not_exist_can_not_be_chosen(qtbot, tmp_path):
    dialog = export_dialog(qtbot, tmp_path / "gone")
    assert not dialog.go.isEnabled()
    dialog.path.setText("")
    assert not dialog.go.isEnabled()
    dialog.path.setText(str(tmp_path))
    assert not dialog.go.isEnabled()
