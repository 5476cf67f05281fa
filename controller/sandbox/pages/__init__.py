"""The pages that a person looks at and clicks on, at the addresses that they have on github.com.

They are for a rehearsal on one's own machine: whoever reaches the box may read them, and sign in as anybody.
"""
