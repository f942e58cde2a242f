"""The editors' workshop: drafts, jobs, publications, the inbox, reviews and waves. What would this edit change?"""
