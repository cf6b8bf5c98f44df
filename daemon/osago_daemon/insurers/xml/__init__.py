"""XML and SOAP: an answer as the values that expressions see, a document as a message.

`reading` takes bytes, `writing` and `soap` give them, `problems` looks at a step of the file,
`names` is what all of them know of names. None of them knows an insurer, a step's order, or HTTP
beyond the names of headers.
"""

from osago_daemon.insurers.xml.names import is_writable
from osago_daemon.insurers.xml.problems import (
    document_problems,
    namespace_problems,
    step_problems,
    xml_problems,
)
from osago_daemon.insurers.xml.reading import read_xml
from osago_daemon.insurers.xml.soap import add_soap_header, is_action, xml_headers
from osago_daemon.insurers.xml.writing import (
    XmlRequestTemplate,
    render_xml,
    soap_header_block,
    write_xml,
)

__all__ = [
    "XmlRequestTemplate",
    "add_soap_header",
    "document_problems",
    "is_action",
    "is_writable",
    "namespace_problems",
    "read_xml",
    "render_xml",
    "soap_header_block",
    "step_problems",
    "write_xml",
    "xml_headers",
    "xml_problems",
]
