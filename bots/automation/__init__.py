"""Everything that touches a screen: browser, desktop, locators, sessions, pictures."""
