// A FIX 4.4 venue by jspurefix, which shares no code with QuickFIX: it acknowledges and fills every order, and
// answers a cancel with a reject, for the order is filled. Listens on PORT; prints READY when a client logged on.
require('reflect-metadata')
const { AsciiSession, SessionLauncher } = require('jspurefix')

class Venue extends AsciiSession {
  constructor (config) { super(config); this.orders = 0; this.logReceivedMsgs = true }

  onApplicationMsg (type, view) {
    const o = view.toObject()
    if (type === 'D') {
      const id = ++this.orders
      const report = {
        OrderID: 'O' + id, ClOrdID: o.ClOrdID, Instrument: { Symbol: o.Instrument.Symbol }, Side: o.Side,
        OrderQtyData: { OrderQty: o.OrderQtyData.OrderQty }, OrdType: o.OrdType, Price: o.Price, TransactTime: new Date()
      }
      this.send('8', { ...report, ExecID: 'A' + id, ExecType: '0', OrdStatus: '0', LeavesQty: o.OrderQtyData.OrderQty, CumQty: 0, AvgPx: 0 })
      this.send('8', { ...report, ExecID: 'F' + id, ExecType: 'F', OrdStatus: '2', LastQty: o.OrderQtyData.OrderQty, LastPx: o.Price, LeavesQty: 0, CumQty: o.OrderQtyData.OrderQty, AvgPx: o.Price })
    } else if (type === 'F') {
      this.send('9', { OrderID: 'O1', ClOrdID: o.ClOrdID, OrigClOrdID: o.OrigClOrdID, OrdStatus: '2', CxlRejResponseTo: '1', CxlRejReason: 0 })
    }
  }
  onReady () { console.log('READY') }
  onStopped () {}
  onLogon () { return true }
  onDecoded () {}
  onEncoded () {}
}

class Launcher extends SessionLauncher {
  constructor () {
    super(null, {
      application: { type: 'acceptor', name: 'venue', tcp: { host: '127.0.0.1', port: Number(process.env.PORT) }, protocol: 'ascii', dictionary: 'qf44' },
      Username: 'u', Password: 'p', EncryptMethod: 0, ResetSeqNumFlag: true, HeartBtInt: 5, SenderCompId: 'VENUE', TargetCompID: '*', BeginString: 'FIX.4.4'
    })
  }
  makeFactory () { return { makeSession: (config) => new Venue(config) } }
}
new Launcher().exec()
