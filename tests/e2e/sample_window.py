"""A small window for test_harness.py, started as a process of its own."""

import sys

from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QTableView, QVBoxLayout, QWidget

from cockpit.ui.landmarks import start_landmarks

application = QApplication(sys.argv)
landmarks = start_landmarks(application)

model = QStandardItemModel(0, 2)
for symbol, price in (("AAA", "1.00"), ("BBB", "2.00")):
    model.appendRow([QStandardItem(symbol), QStandardItem(price)])
table = QTableView()
table.setAccessibleName("Prices")
table.setModel(model)
table.clicked.connect(lambda index: button.setText(f"Picked {model.item(index.row()).text()}"))

entry = QLineEdit()
entry.setAccessibleName("Symbol")
button = QPushButton("&Approve")
button.setAccessibleName("Approve")
button.clicked.connect(lambda: button.setText(f"Approved {entry.text()}"))
hidden = QPushButton("Never seen")
hidden.hide()

window = QWidget()
window.setWindowTitle("Cockpit sample")
palette = window.palette()
palette.setColor(window.backgroundRole(), QColor("#0000ff"))
window.setPalette(palette)
layout = QVBoxLayout(window)
for widget in (entry, button, table, hidden):
    layout.addWidget(widget)
window.resize(600, 400)
window.show()
entry.setFocus()
sys.exit(application.exec())
