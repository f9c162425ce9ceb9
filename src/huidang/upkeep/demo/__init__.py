"""The demo company 望山家电: seeded, fictitious, brought in through the same door as real exports.

`company` says who works there, `scripts` holds the grammar of what is said, `talk` plans three months of it, `wire`
writes it as WeCom, DingTalk and Slack would, and `filling` hands that to the records.
"""
