"""Files of watch lists, in the formats of their publishers; everybody on them is invented."""

OFAC = """<?xml version="1.0" standalone="yes"?>
<sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML">
  <publshInformation><Publish_Date>11/20/2026</Publish_Date><Record_Count>3</Record_Count></publshInformation>
  <sdnEntry><uid>101</uid><firstName>Zubair</firstName><lastName>WARSAME</lastName><sdnType>Individual</sdnType>
    <programList><program>SDGT</program></programList>
    <akaList><aka><uid>7</uid><type>a.k.a.</type><category>strong</category><lastName>ABU KIFARU</lastName></aka>
      <aka><uid>8</uid><type>a.k.a.</type><category>weak</category><lastName>Simba</lastName></aka></akaList>
    <nationalityList><nationality><uid>1</uid><country>Somalia</country></nationality></nationalityList>
    <dateOfBirthList><dateOfBirthItem><uid>1</uid><dateOfBirth>12 Mar 1963</dateOfBirth></dateOfBirthItem>
    </dateOfBirthList>
  </sdnEntry>
  <sdnEntry><uid>102</uid><lastName>FALCON ORION SHIPPING CO. LTD</lastName><sdnType>Entity</sdnType>
    <programList><program>IRAN</program></programList></sdnEntry>
  <sdnEntry><uid>103</uid><lastName>KIFARU STAR</lastName><sdnType>Vessel</sdnType></sdnEntry>
</sdnList>
"""
UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-11-19T00:00:00.000Z">
  <INDIVIDUALS><INDIVIDUAL><DATAID>6908001</DATAID><FIRST_NAME>Tariq</FIRST_NAME><SECOND_NAME>Haydar</SECOND_NAME>
    <THIRD_NAME>Bashir</THIRD_NAME><UN_LIST_TYPE>Al-Qaida</UN_LIST_TYPE>
    <NAME_ORIGINAL_SCRIPT>طارق حيدر بشير</NAME_ORIGINAL_SCRIPT><NATIONALITY><VALUE>Yemen</VALUE></NATIONALITY>
    <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Twiga</ALIAS_NAME></INDIVIDUAL_ALIAS>
    <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
    <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1970</FROM_YEAR><TO_YEAR>1974</TO_YEAR>
    </INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL></INDIVIDUALS>
  <ENTITIES><ENTITY><DATAID>6908555</DATAID><FIRST_NAME>Nyota Relief Foundation</FIRST_NAME>
    <ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Nyota Fund</ALIAS_NAME></ENTITY_ALIAS></ENTITY></ENTITIES>
</CONSOLIDATED_LIST>
"""


def own(*rows: str, on: str = "2026-11-20", said: int | None = None) -> bytes:
    """A table of our own: rows of uid, kind, name, births."""
    lines = ["uid,kind,name,births", *rows, f"END,{on},{len(rows) if said is None else said}"]
    return "\n".join(lines).encode()
