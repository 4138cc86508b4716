"""The programs the bots work in: business verbs on their screens, one folder a product."""
