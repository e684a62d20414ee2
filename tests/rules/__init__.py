"""`make rules`: what each rule says is changed by one unit, and a test that names the rule must fail."""
